import type { ExperimentFacts } from '../../protocol/checking';
import { toProblem, type Problem, type SourceLocation } from '../../protocol/errors';
import { isTextData, type DataSource, type Experiment } from '../experiment';
import { trainableGroupNames } from '../models/group-names';
import { experimentFingerprint } from '../preparation';
import { problemAt } from '../runs/load-experiment';
import type { Phase } from '../strategies/strategy';
import { kindOfHead } from './own-head';

/**
 * What an experiment says, as plain data. Makes no network of full size and reads no item.
 * @param directory of the learner's file
 * @param locate where in the learner's file an error was thrown
 * @throws {LearnerError} if the model is unknown
 */
export async function factsOf(
  name: string,
  location: SourceLocation,
  experiment: Experiment,
  directory: string,
  locate: (error: unknown) => SourceLocation | undefined,
): Promise<ExperimentFacts> {
  const { data, model, strategy, epochs, batchSize, seed } = experiment;
  const layerGroups = await trainableGroupNames(experiment, directory);
  const { phases, problem } = planOf(experiment, layerGroups, (error) => locate(error) ?? location);
  return {
    name,
    location,
    data: {
      path: data.path,
      form: formOf(data),
      seed: data.seed,
      ...(isTextData(data) ? { items: 'texts', maxTokens: data.maxTokens } : { items: 'pictures' }),
    },
    model: {
      architecture: model.architecture,
      weights: model.weights,
      head: kindOfHead(model.head),
      form: JSON.stringify([model.layers, model.size]),
      ...(isTextData(data) ? { pooling: model.pooling ?? 'mean' } : {}),
    },
    strategy: { id: strategy.id, title: strategy.title, pretrained: strategy.pretrained },
    layerGroups,
    phases: phases.map(({ name: phase, epochs: count, learningRates }) => ({
      name: phase,
      epochs: count,
      learningRates: { ...learningRates },
    })),
    ...(problem ? { planProblem: problem } : {}),
    epochs,
    batchSize,
    seed,
    fingerprint: experimentFingerprint(experiment, phases),
  };
}

/** A plan may be the learner's own code. */
function planOf(
  { strategy, epochs }: Experiment,
  groups: readonly string[],
  locate: (error: unknown) => SourceLocation,
): { phases: readonly Phase[]; problem?: Problem } {
  try {
    return { phases: strategy.plan(groups, epochs) };
  } catch (error) {
    return { phases: [], problem: problemAt(toProblem(error), locate(error)) };
  }
}

/** How its items are read, apart from where they are and how they are split. */
const formOf = (data: DataSource): string => JSON.stringify({ ...data, path: undefined, seed: undefined });
