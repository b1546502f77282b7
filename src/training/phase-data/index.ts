import type { Augmenter } from '../data/augmentation/augmenter';
import type { AnyDataset } from '../data/dataset';
import type { Network } from '../models/model';
import type { TrainedPart } from '../phase-program';
import type { RunContext } from '../run-context';
import type { Batching, BatchingOptions } from './batching';
import { frozenFeatures } from './frozen-prefix';
import { joinData, type ItemReader, type PhaseData } from './phase-data';
import { pictureBatching, pictureFeatures, pictureReader, pictureSources } from './picture-data';
import { TEXT_SOURCES, textBatching, textFeatures, textReader, tokenCounts } from './text-data';

export type { ItemBatch, ItemLayout } from './batching';
export type { PhaseData } from './phase-data';

/**
 * What the trained part reads. Frozen groups before it are run once for every item (with augmentation, for each variant of
 * a training picture), and what they put out is kept.
 */
export async function phaseData(
  context: RunContext,
  model: Network,
  dataset: AnyDataset,
  part: Pick<TrainedPart, 'from'>,
  augmenter: Augmenter | undefined,
  options: BatchingOptions,
): Promise<PhaseData> {
  const plain = plainData(dataset, augmenter, options);
  const { batching, reader } =
    part.from <= 0 ? plain : await keptData(context, model, dataset, part.from, augmenter, options, plain);
  return joinData(dataset, model.numClasses, batching, reader);
}

interface Data {
  readonly batching: Batching;
  readonly reader: ItemReader;
}

/** For whoever feeds a whole network. */
export function plainData(
  dataset: AnyDataset,
  augmenter: Augmenter | undefined,
  options: BatchingOptions,
): Data {
  return dataset.kind === 'pictures'
    ? { batching: pictureBatching(dataset, options), reader: pictureReader(dataset, augmenter) }
    : { batching: textBatching(dataset, options), reader: textReader(dataset) };
}

async function keptData(
  context: RunContext,
  model: Network,
  dataset: AnyDataset,
  to: number,
  augmenter: Augmenter | undefined,
  options: BatchingOptions,
  plain: Data,
): Promise<Data> {
  const work = { ...plain, model, to, dataset };
  if (dataset.kind === 'pictures') {
    const features = await frozenFeatures(context, {
      ...work,
      sources: pictureSources(augmenter),
      key: augmenter?.key ?? 'plain',
      what: `picture${augmenter ? `, in ${augmenter.variants} variants,` : ''}`,
    });
    return pictureFeatures(dataset, features, augmenter, options);
  }
  const features = await frozenFeatures(context, {
    ...work,
    sources: TEXT_SOURCES,
    key: 'plain',
    what: 'text',
    lengths: tokenCounts(dataset),
  });
  return textFeatures(dataset, features, options);
}
