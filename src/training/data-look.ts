import { createHash } from 'node:crypto';
import type { DataLook, Preparation } from '../protocol/data-view';
import { LearnerError } from '../protocol/errors';
import { inspectData } from './data/load-images';
import { isTextData, type Experiment } from './experiment';
import { checkpointHere } from './weights/checkpoint-here';
import { IMAGENET, resizeTo, type Preprocessing } from './weights/preprocessing';

const NOT_FOR_TEXTS = {
  code: 'look-at-texts',
  message: 'This data is texts, and only pictures can be looked at here.',
  remedy: 'Open the file: each row is a text and its class.',
};

export interface LookOptions {
  /** The key of what was seen before: where it is the same, nothing is read. */
  readonly unless?: string;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * The data of an experiment as a run would see it. Trains nothing and opens no connection; what cannot be known this way is
 * assumed, and said.
 * @returns undefined where the settings are those of `unless`
 * @throws {LearnerError} where the data cannot be read, or the weights are not what they should be
 */
export async function lookAtData(
  name: string,
  { data, model }: Experiment,
  directory: string,
  { unless, onProgress }: LookOptions = {},
): Promise<DataLook | undefined> {
  if (isTextData(data)) throw new LearnerError(NOT_FOR_TEXTS);
  const checkpoint = await checkpointHere(model, directory);
  const known = typeof checkpoint === 'string' ? undefined : checkpoint.preprocessing;
  const preprocessing = known ?? IMAGENET;
  const key = createHash('sha256')
    .update(JSON.stringify([directory, data, preprocessing]))
    .digest('hex');
  if (key === unless) return undefined;
  const { report, samples } = await inspectData(data, directory, {
    preprocessing,
    ...(onProgress ? { onProgress } : {}),
  });
  const assumptions =
    checkpoint === 'elsewhere'
      ? [
          `The weights of ${model.weights ?? ''} are not on this computer yet, so how they want pictures prepared is not known; the values of ImageNet are shown.`,
        ]
      : [];
  return {
    kind: 'pictures',
    experiment: name,
    key,
    listedBy: data.kind === 'image-csv' ? 'csv' : 'folders',
    report,
    draw: { valFraction: data.valFraction, seed: data.seed },
    preparation: preparationOf(preprocessing, data.imageSize),
    samples,
    assumptions,
  };
}

function preparationOf(preprocessing: Preprocessing, imageSize: number): Preparation {
  const { interpolation, mean, std, source, inputSize } = preprocessing;
  const trainedOn = inputSize === undefined ? {} : { trainedOn: inputSize };
  const resizedTo = resizeTo(preprocessing, imageSize);
  return { imageSize, resizedTo, interpolation, mean, std, source, ...trainedOn };
}
