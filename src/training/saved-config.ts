import type { Experiment } from './experiment';
import type { TransferModel } from './models/model';
import type { Prepared } from './preparation';
import type { JsonValue } from './run-context';

/**
 * What config.json beside saved weights holds: all that is needed to use the network without its data and its experiment.
 * Only an own head is a function, and stays in the experiment's file.
 */
export function savedConfig(
  model: TransferModel,
  { dataset }: Pick<Prepared, 'dataset'>,
  { data, model: choice }: Experiment,
): { readonly [key: string]: JsonValue } {
  const { mean, std, inputSize, ...preprocessing } = dataset.preprocessing;
  return {
    ...model.config,
    classNames: [...dataset.classNames],
    imageSize: data.imageSize,
    preprocessing: {
      ...preprocessing,
      mean: [...mean],
      std: [...std],
      ...(inputSize === undefined ? {} : { inputSize }),
    },
    ...(choice.head ? { ownHead: true } : {}),
  };
}
