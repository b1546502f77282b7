import type { Augmenter } from './data/augmentation/augmenter';
import type { NamedData, Optimizer } from './engine/types';
import { scheduleOf } from './freeze-map';
import type { Experiment } from './experiment';
import { drawMasks } from './models/layers/dropout';
import { phaseData, type ItemLayout, type PhaseData } from './phase-data';
import {
  compileTrainingStep,
  createEvaluator,
  createOptimizer,
  trainedPart,
  type Evaluator,
  type MaskedStep,
  type TrainedPart,
} from './phase-program';
import type { PlannedPhase } from './planned-phases';
import type { Prepared } from './preparation';
import type { RunContext } from './run-context';
import type { Schedule } from './schedules';
import type { Phase } from './strategies/strategy';
import { lossOf } from './tasks/loss-options';
import type { Position } from './training-state';

/** A phase that is compiled and ready to train. */
export interface OpenPhase {
  readonly phase: Phase;
  readonly part: TrainedPart;
  readonly data: PhaseData;
  /** The step for batches of this layout; compiled when it is first asked for. */
  step(layout: ItemLayout): MaskedStep;
  readonly evaluator: Evaluator;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  /** Steps of the whole run before this phase. */
  readonly firstStep: number;
  dispose(): void;
}

/** Items of one pass through the network when a split is scored. */
export const EVALUATION_BATCH = 50;

/** Runs the frozen layers once, compiles step and evaluation with the weights as they are now, and makes the optimizer. */
export async function openPhase(
  { phase, firstEpoch }: PlannedPhase,
  experiment: Experiment,
  context: RunContext,
  { model, dataset }: Prepared,
  augmenter: Augmenter | undefined,
  stepsPerEpoch: number,
): Promise<OpenPhase> {
  const { engine } = context;
  const { settings } = experiment.strategy;
  const { batchSize, seed } = experiment;
  const part = trainedPart(model, phase, settings.batchNorm);
  const data = await phaseData(context, model, dataset, part, augmenter, { batchSize, seed });
  context.emit({ type: 'preparing', phase: 'compiling' });
  await context.breathe();
  const loss = lossOf(experiment, dataset, model.numClasses);
  const steps = new Map<ItemLayout, MaskedStep>();
  const step = (layout: ItemLayout): MaskedStep => {
    const compiled =
      steps.get(layout) ?? compileTrainingStep(engine, model, part, phase.name, { batchSize, layout, loss });
    steps.set(layout, compiled);
    return compiled;
  };
  // The first one now: what cannot be compiled is told before training begins.
  const [first] = data.training(0);
  if (first) step(first.layout);
  const evaluator = createEvaluator(engine, model, part, EVALUATION_BATCH);
  const optimizer = createOptimizer(engine, model, part, settings);
  return {
    phase,
    part,
    data,
    step,
    evaluator,
    optimizer,
    schedule: scheduleOf(phase, settings, stepsPerEpoch),
    firstStep: firstEpoch * stepsPerEpoch,
    dispose: () => {
      for (const one of steps.values()) one.dispose();
      evaluator.dispose();
      optimizer.dispose();
    },
  };
}

export interface Batch {
  readonly step: MaskedStep;
  /** What the compiled step is fed with. */
  readonly inputs: NamedData;
  /** The class of each answer; -100 where it does not count. */
  readonly classes: Int32Array;
  /** Answers that count: a late batch is filled up and masked, and so are tokens that begin no word. */
  readonly counted: number;
}

/** Items, labels and random masks of the step at `position`: they follow from it and the seed alone. */
export function batchAt(
  open: Pick<OpenPhase, 'data' | 'step'>,
  seed: number,
  { step: number, epoch, stepOfEpoch }: Pick<Position, 'step' | 'epoch' | 'stepOfEpoch'>,
): Batch {
  const { data } = open;
  const batch = data.training(epoch)[stepOfEpoch];
  if (!batch) throw new Error(`Epoch ${epoch} has no step ${stepOfEpoch}.`);
  const step = open.step(batch.layout);
  const { labels, mask, classes, counted } = data.labels(batch, epoch);
  return {
    step,
    inputs: {
      ...data.feed('train', batch, { epoch }),
      labels,
      mask,
      ...drawMasks(step.masks, seed, number),
    },
    classes,
    counted,
  };
}
