import type { Augmenter } from './data/augmentation/augmenter';
import { batchIndices } from './data/dataset';
import type { NamedData, Optimizer } from './engine/types';
import { scheduleOf } from './freeze-map';
import type { Experiment } from './experiment';
import { drawMasks } from './models/layers/dropout';
import { phaseData, type PhaseData } from './phase-data';
import {
  compileEvaluator,
  compileTrainingStep,
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
  readonly step: MaskedStep;
  readonly evaluator: Evaluator;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  /** Steps of the whole run before this phase. */
  readonly firstStep: number;
  dispose(): void;
}

/** Pictures of one pass through the network when a split is scored. */
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
  const part = trainedPart(model, phase, settings.batchNorm);
  const data = await phaseData(context, model, dataset, part, augmenter);
  context.emit({ type: 'preparing', phase: 'compiling' });
  await context.breathe();
  const { itemShape } = data;
  const step = compileTrainingStep(engine, model, part, phase.name, {
    batchSize: experiment.batchSize,
    itemShape,
    loss: lossOf(experiment, dataset, model.numClasses),
  });
  const evaluator = compileEvaluator(engine, model, part, {
    batchSize: Math.min(EVALUATION_BATCH, data.splits.val.count),
    itemShape,
  });
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
      step.dispose();
      evaluator.dispose();
      optimizer.dispose();
    },
  };
}

export interface Batch {
  /** What the compiled step is fed with. */
  readonly inputs: NamedData;
  /** Class indices of the items that count. */
  readonly labels: Int32Array;
  /** Items that count: a late batch is filled up and masked. */
  readonly counted: number;
}

/** The items, labels and random masks of the step at `position`: they follow from it and the seed alone. */
export function batchAt(
  { data, step }: Pick<OpenPhase, 'data' | 'step'>,
  { batchSize, seed }: Pick<Experiment, 'batchSize' | 'seed'>,
  numClasses: number,
  position: Pick<Position, 'step' | 'epoch' | 'stepOfEpoch'>,
): Batch {
  const { train } = data.splits;
  const { epoch, stepOfEpoch } = position;
  const { indices, counted } = batchIndices(train.count, batchSize, seed, epoch, stepOfEpoch);
  const items = new Float32Array(batchSize * data.itemShape.reduce((product, size) => product * size, 1));
  const labels = new Float32Array(batchSize * numClasses);
  data.gather(indices, epoch, items, labels);
  const mask = Float32Array.from({ length: batchSize }, (_, row) => (row < counted ? 1 : 0));
  return {
    inputs: { items, labels, mask, ...drawMasks(step.masks, seed, position.step) },
    labels: indices.map((index) => train.labels[index] ?? 0).subarray(0, counted),
    counted,
  };
}
