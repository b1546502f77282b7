import type { RunContext } from './run-context';
import { EVALUATION_BATCH, type OpenPhase } from './phase';
import { compileEvaluator, nothingTrains, trainedPart, type Evaluator } from './phase-program';
import type { Prepared } from './preparation';
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
  if (everChanged.every((variable) => fed.has(variable)))
    return evaluator.run(split, data.splits[split], dataset.info);
  const whole = compileEvaluator(engine, model, nothingTrains(model), {
    batchSize: Math.min(EVALUATION_BATCH, dataset.splits[split].count),
    itemShape: dataset.itemShape,
  });
  try {
    return whole.run(split, dataset.splits[split], dataset.info);
  } finally {
    whole.dispose();
  }
}
