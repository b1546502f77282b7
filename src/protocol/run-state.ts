import { assertNever } from './assert-never';
import type { Problem } from './errors';
import type {
  DataInfo,
  Evaluation,
  LayerGroupInfo,
  ModelInfo,
  Prediction,
  PreparationPhase,
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

/** A run as people see it: derived from its events alone. Inline text, status bar, tree and views draw from it. */
export interface RunState {
  readonly runId: string;
  readonly status: RunStatus;
  readonly phase?: { readonly name: PreparationPhase; readonly done?: number; readonly total?: number };
  readonly model?: ModelInfo;
  readonly data?: DataInfo;
  readonly device?: string;
  readonly layerGroups: readonly LayerGroupInfo[];
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
  /** Seconds, known at the end. */
  readonly seconds?: number;
  readonly lastEventMs?: number;
}

export function initialRunState(runId: string): RunState {
  return {
    runId,
    status: 'starting',
    layerGroups: [],
    epochs: 0,
    stepsPerEpoch: 0,
    steps: [],
    epochPoints: [],
    predictions: [],
    warnings: [],
  };
}

/**
 * The one reducer. Pure, except that `steps`, `epochPoints` and `warnings` grow in place: a run has tens of thousands of
 * steps, and copying them for each would cost more than training. Compare states by identity, lists by length.
 */
export function reduceRun(state: RunState, event: RunEvent, timeMs?: number): RunState {
  const next = timeMs === undefined ? state : { ...state, lastEventMs: timeMs };
  switch (event.type) {
    case 'runStarted':
      return event.resumedFromStep === undefined
        ? { ...next, status: 'preparing' }
        : { ...rewind(next, event.resumedFromStep), status: 'preparing' };
    case 'preparing': {
      const phase = {
        name: event.phase,
        ...(event.done === undefined ? {} : { done: event.done }),
        ...(event.total === undefined ? {} : { total: event.total }),
      };
      return { ...next, status: next.status === 'stopping' ? 'stopping' : 'preparing', phase };
    }
    case 'prepared': {
      const { model, data, device, epochs, stepsPerEpoch } = event;
      return { ...next, model, data, device, epochs, stepsPerEpoch, layerGroups: model.layerGroups };
    }
    case 'phaseStart':
      return { ...next, layerGroups: event.layerGroups };
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
    case 'predictions':
      return { ...next, predictions: event.items };
    case 'checkpoint':
    case 'log':
      return next;
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
        ...(event.final ? { final: event.final } : {}),
      };
    default:
      return assertNever(event);
  }
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
  return {
    ...state,
    steps: state.steps.filter((point) => point.step <= step),
    epochPoints: state.epochPoints.filter((point) => point.step <= step),
  };
}
