import { assertNever } from './assert-never';
import type { Problem } from './errors';
import { estimateSentence, type RunEstimate } from './estimate';
import type {
  DataInfo,
  EarlyStop,
  Evaluation,
  GroupDistance,
  LayerGroupInfo,
  ModelInfo,
  Prediction,
  PreparationPhase,
  RowShapes,
  RunEvent,
} from './events';

export type RunStatus =
  'starting' | 'preparing' | 'training' | 'stopping' | 'finished' | 'stopped' | 'failed' | 'interrupted';

export interface StepPoint {
  readonly step: number;
  readonly epoch: number;
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly learningRate: number;
  readonly stepMs: number;
}

export interface EpochPoint {
  readonly epoch: number;
  readonly step: number;
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly valLoss: number;
  readonly valAccuracy: number;
  readonly best: boolean;
}

/** How far the layer groups were from their beginning at the end of an epoch. */
export interface MovementPoint {
  readonly epoch: number;
  readonly groups: readonly GroupDistance[];
}

/** What is being prepared, and how far it is. */
export interface PhaseState {
  readonly name: PreparationPhase;
  readonly done?: number;
  readonly total?: number;
  readonly waiting?: string;
  /** What was done already when it began, and when that was. */
  readonly began?: { readonly done: number; readonly timeMs: number };
}

/** A run as people see it: derived from its events alone. Inline text, status bar, tree and views draw from it. */
export interface RunState {
  readonly runId: string;
  readonly status: RunStatus;
  readonly phase?: PhaseState;
  readonly model?: ModelInfo;
  readonly data?: DataInfo;
  readonly device?: string;
  readonly layerGroups: readonly LayerGroupInfo[];
  /** Of the part that trains now. */
  readonly schedule?: string;
  /** Of texts, in the part that trains now. */
  readonly rows?: RowShapes;
  /** One for each epoch; empty for runs of earlier versions. */
  readonly movement: readonly MovementPoint[];
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly steps: readonly StepPoint[];
  readonly epochPoints: readonly EpochPoint[];
  readonly validation?: Evaluation;
  readonly predictions: readonly Prediction[];
  readonly bestEpoch?: number;
  readonly final?: Evaluation;
  readonly warnings: readonly Problem[];
  readonly problem?: Problem;
  readonly earlyStop?: EarlyStop;
  /** Seconds, known at the end. */
  readonly seconds?: number;
  /** Bytes, known at the end. */
  readonly peakMemory?: number;
  /** What was reckoned before. */
  readonly estimate?: RunEstimate;
  readonly lastEventMs?: number;
}

export function initialRunState(runId: string): RunState {
  return {
    runId,
    status: 'starting',
    layerGroups: [],
    movement: [],
    epochs: 0,
    stepsPerEpoch: 0,
    steps: [],
    epochPoints: [],
    predictions: [],
    warnings: [],
  };
}

/**
 * The one reducer. Pure, except that `steps`, `epochPoints`, `movement` and `warnings` grow in place: a run has tens of thousands of
 * steps, and copying them for each would cost more than training. Compare states by identity, lists by length.
 */
export function reduceRun(state: RunState, event: RunEvent, timeMs?: number): RunState {
  const next = timeMs === undefined ? state : { ...state, lastEventMs: timeMs };
  switch (event.type) {
    case 'runStarted':
      return event.resumedFromStep === undefined
        ? { ...next, status: 'preparing' }
        : { ...rewind(withoutEnd(next), event.resumedFromStep), status: 'preparing' };
    case 'preparing': {
      const { phase: name, done, total, waiting } = event;
      const before = state.phase?.name === name ? state.phase.began : undefined;
      const began = before ?? (timeMs === undefined ? undefined : { done: done ?? 0, timeMs });
      const phase: PhaseState = {
        name,
        ...(done === undefined ? {} : { done }),
        ...(total === undefined ? {} : { total }),
        ...(waiting === undefined ? {} : { waiting }),
        ...(began === undefined ? {} : { began }),
      };
      return { ...next, status: next.status === 'stopping' ? 'stopping' : 'preparing', phase };
    }
    case 'prepared': {
      const { model, data, device, epochs, stepsPerEpoch } = event;
      return { ...next, model, data, device, epochs, stepsPerEpoch, layerGroups: model.layerGroups };
    }
    case 'estimate':
      return { ...next, estimate: event.estimate };
    case 'phaseStart': {
      const { layerGroups, schedule, rows } = event;
      const now: { -readonly [Key in keyof RunState]: RunState[Key] } = { ...next, layerGroups };
      delete now.rows; // Of the part before.
      return {
        ...now,
        ...(schedule === undefined ? {} : { schedule }),
        ...(rows === undefined ? {} : { rows }),
      };
    }
    case 'stepEnd': {
      const { step, epoch, trainLoss, trainAccuracy, learningRate, stepMs } = event;
      (next.steps as StepPoint[]).push({ step, epoch, trainLoss, trainAccuracy, learningRate, stepMs });
      return { ...next, status: next.status === 'stopping' ? 'stopping' : 'training' };
    }
    case 'epochEnd': {
      const { epoch, step, trainLoss, trainAccuracy, val, best } = event;
      (next.epochPoints as EpochPoint[]).push({
        epoch,
        step,
        trainLoss,
        trainAccuracy,
        valLoss: val.loss,
        valAccuracy: val.accuracy,
        best,
      });
      return best
        ? { ...next, bestEpoch: epoch, validation: val }
        : { ...next, validation: next.validation ?? val };
    }
    case 'layersMoved':
      (next.movement as MovementPoint[]).push({ epoch: event.epoch, groups: event.groups });
      return { ...next };
    case 'predictions':
      return { ...next, predictions: event.items };
    case 'checkpoint':
    case 'log':
    case 'rateTest':
    case 'rateStep':
    case 'rateResult':
      return next; // A range test is read by reduceRateTest.
    case 'warning':
      (next.warnings as Problem[]).push(event.problem);
      return { ...next };
    case 'stopping':
      return { ...next, status: 'stopping' };
    case 'failed':
      return { ...next, status: 'failed', problem: event.problem };
    case 'done':
      return {
        ...next,
        status: event.reason,
        bestEpoch: event.bestEpoch,
        seconds: event.seconds,
        ...(event.peakMemory === undefined ? {} : { peakMemory: event.peakMemory }),
        ...(event.final ? { final: event.final } : {}),
        ...(event.earlyStop ? { earlyStop: event.earlyStop } : {}),
      };
    default:
      return assertNever(event);
  }
}

/** What an earlier end said is over, too, once the run goes on. */
function withoutEnd(state: RunState): RunState {
  const next: { -readonly [Key in keyof RunState]: RunState[Key] } = { ...state };
  delete next.problem;
  delete next.phase;
  return next;
}

/** A process that vanished without a last word. */
export function markInterrupted(state: RunState): RunState {
  return isOver(state) ? state : { ...state, status: 'interrupted' };
}

export function isOver(state: RunState): boolean {
  return (
    state.status === 'finished' ||
    state.status === 'stopped' ||
    state.status === 'failed' ||
    state.status === 'interrupted'
  );
}

/** Steps after the checkpoint are trained again, bit for bit; what was shown of them is dropped so that no step counts twice. */
function rewind(state: RunState, step: number): RunState {
  const epochPoints = state.epochPoints.filter((point) => point.step <= step);
  const epochs = new Set(epochPoints.map(({ epoch }) => epoch));
  return {
    ...state,
    steps: state.steps.filter((point) => point.step <= step),
    epochPoints,
    movement: state.movement.filter(({ epoch }) => epochs.has(epoch)),
  };
}

/** How good the estimate was; undefined where there was none, or the run is not over. */
export function estimateOutcome(
  { estimate, seconds, peakMemory, status, earlyStop }: RunState,
  duration: (seconds: number) => string,
): string | undefined {
  if (!estimate || seconds === undefined) return undefined;
  const whole = status === 'finished' && !earlyStop;
  const memory = peakMemory === undefined ? {} : { peakMemory };
  return estimateSentence(estimate, { seconds, whole, ...memory }, duration);
}
