import type { Experiment } from './experiment';
import type { Prepared } from './preparation';
import type { JsonValue } from './run-context';

/**
 * What config.json beside saved weights holds: all that is needed to use the network without its data and its experiment.
 * Only an own head is a function, and stays in the experiment's file.
 */
export function savedConfig(
  { model, dataset, preparation }: Pick<Prepared, 'model' | 'dataset' | 'preparation'>,
  { model: choice }: Experiment,
): { readonly [key: string]: JsonValue } {
  return {
    ...model.config,
    classNames: [...dataset.classNames],
    ...preparation,
    ...(choice.head ? { ownHead: true } : {}),
  };
}
