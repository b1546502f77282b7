import type { Experiment } from '../experiment';
import { partsOf } from './model';
import { trainableGroups } from '../strategies/what-trains';
import { checkpointHere } from '../weights/checkpoint-here';
import { findArchitecture } from '.';

/**
 * Names of the layer groups that a strategy chooses from, without a network of full size.
 * @param directory of the learner's file
 * @throws {LearnerError} if there is no such network, or its configuration is none
 */
export async function trainableGroupNames(
  { model: choice, data }: Pick<Experiment, 'model' | 'data'>,
  directory: string,
): Promise<string[]> {
  const architecture = findArchitecture(choice.architecture);
  if (architecture.reads === 'pictures') {
    const model = architecture.create({ numClasses: 2, seed: 1, width: 1 });
    const names = trainableGroups(partsOf(model));
    model.dispose();
    return names;
  }
  const checkpoint = await checkpointHere(choice, directory);
  const known = typeof checkpoint === 'string' ? undefined : checkpoint;
  return architecture.groupNames({
    ...choice,
    answers: data.kind === 'tagged-file' ? 'tokens' : 'texts',
    config: known?.config,
    title: known?.title ?? choice.architecture,
  });
}
