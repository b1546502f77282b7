import type { Evaluation } from '../protocol/events';
import type { AnyDataset } from './data/dataset';
import type { Engine } from './engine/types';
import type { Network } from './models/model';
import { EVALUATION_BATCH, type OpenPhase } from './phase';
import { plainData } from './phase-data';
import { joinData } from './phase-data/phase-data';
import { createEvaluator, trainedPart, type Evaluator } from './phase-program';
import type { Prepared } from './preparation';
import type { RunContext } from './run-context';
import type { BatchNormPolicy } from './strategies/batch-norm';

/**
 * Scores the weights that are in the model: on the test split where there is one, else on validation.
 * @param policy of the strategy: what BatchNorm layers do
 * @param open its evaluator serves where it is fed with everything that any phase changes
 */
export function finalScore(
  { engine }: Pick<RunContext, 'engine'>,
  { model, dataset, phases }: Prepared,
  policy: BatchNormPolicy | undefined,
  { data, evaluator, part }: OpenPhase,
): ReturnType<Evaluator['run']> {
  const split = dataset.splits.test.count > 0 ? 'test' : 'val';
  const fed = new Set(part.changing);
  const everChanged = phases.flatMap((phase) => trainedPart(model, phase, policy).changing);
  if (everChanged.every((variable) => fed.has(variable))) return evaluator.run(split, data, dataset.info);
  return scoreWhole(engine, model, dataset, split);
}

/** Scores the whole network on a split, with nothing kept and nothing fed. */
export function scoreWhole(
  engine: Engine,
  model: Network,
  dataset: AnyDataset,
  split: Evaluation['split'],
): ReturnType<Evaluator['run']> {
  const { batching, reader } = plainData(dataset, undefined, { batchSize: 1, seed: 0 });
  const data = joinData(dataset, model.numClasses, batching, reader);
  const whole = createEvaluator(engine, model, { from: 0, changing: [] }, EVALUATION_BATCH);
  try {
    return whole.run(split, data, dataset.info);
  } finally {
    whole.dispose();
  }
}
