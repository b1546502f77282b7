import { startsOf, type Dataset, type SplitName, type TextDataset } from '../data/dataset';
import { sizeOf } from '../engine/onnx/values';
import type { NamedData, TensorSpec } from '../engine/types';
import type { Features } from '../feature-cache';
import { padBatch } from '../tokenizing/pad-batch';
import {
  evenBatching,
  lengthBatching,
  type Batching,
  type BatchingOptions,
  type ItemLayout,
} from './batching';
import { countsOf, type Source } from './frozen-prefix';
import type { ItemReader } from './phase-data';

const row = (length: number): TensorSpec => ({ shape: [length], dtype: 'int32' });

/** Pairs have tokens of a second kind; without them the table of kinds needs no look-up. */
function hasPairs({ splits }: TextDataset): boolean {
  return Object.values(splits).some(({ encodings }) =>
    encodings.some(({ typeIds }) => typeIds.some((type) => type !== 0)),
  );
}

export function tokenCounts({ splits }: TextDataset): Record<SplitName, readonly number[]> {
  const of = (split: SplitName): number[] => splits[split].encodings.map(({ ids }) => ids.length);
  return { train: of('train'), val: of('val'), test: of('test') };
}

export function textBatching(dataset: TextDataset, options: BatchingOptions): Batching {
  const pairs = hasPairs(dataset);
  const tagged = dataset.splits.train.tagged !== undefined;
  const layoutOf = (length: number): ItemLayout => ({
    name: `${length} tokens`,
    items: row(length),
    side: { attentionMask: row(length), ...(pairs ? { tokenTypeIds: row(length) } : {}) },
    answers: tagged ? length : 1,
  });
  return lengthBatching(tokenCounts(dataset), layoutOf, dataset.maxTokens, options);
}

/** Ids of tokens `[batch, length]`, the attention mask and, for pairs, the kinds of tokens. */
export function textReader({ splits, padId }: TextDataset): ItemReader {
  const usual = splits.train.encodings.reduce((sum, { ids }) => sum + ids.length, 0) / splits.train.count;
  return {
    itemBytes: 12 * Math.ceil(usual),
    feed: (split, { indices, layout }) => {
      const [length = 1] = layout.items.shape;
      const { encodings } = splits[split];
      const some = [...indices].flatMap((index) => encodings[index] ?? []);
      const { inputIds, attentionMask, tokenTypeIds } = padBatch(some, length, padId);
      return {
        items: inputIds,
        attentionMask,
        ...('tokenTypeIds' in layout.side ? { tokenTypeIds } : {}),
      };
    },
  };
}

export const TEXT_SOURCES: readonly Source[] = [
  { name: 'train', split: 'train' },
  { name: 'val', split: 'val' },
  { name: 'test', split: 'test' },
];

/** What the prefix made of texts: one vector for each text, or, where it ends before the pooler, one for each token. */
export function textFeatures(
  dataset: TextDataset,
  features: Features,
  options: BatchingOptions,
): { readonly batching: Batching; readonly reader: ItemReader } {
  const rows = (features.parts['train']?.length ?? 0) / sizeOf(features.itemShape);
  return rows === dataset.splits.train.count
    ? wholeTexts(dataset, features, options)
    : tokensOfTexts(dataset, features, options);
}

function wholeTexts(dataset: Dataset, { itemShape, parts }: Features, options: BatchingOptions) {
  const size = sizeOf(itemShape);
  const layout: ItemLayout = {
    name: 'kept features',
    items: { shape: itemShape, dtype: 'float32' },
    side: {},
    answers: 1,
  };
  const reader: ItemReader = {
    itemBytes: 4 * size,
    feed: (split, { indices }) => {
      const items = new Float32Array(indices.length * size);
      for (const [place, index] of indices.entries())
        items.set(parts[split]?.subarray(index * size, (index + 1) * size) ?? [], place * size);
      return { items };
    },
  };
  return { batching: evenBatching(layout, countsOf(dataset), options), reader };
}

function tokensOfTexts(dataset: TextDataset, { itemShape, parts }: Features, options: BatchingOptions) {
  const size = sizeOf(itemShape);
  const lengths = tokenCounts(dataset);
  const starts = {
    train: startsOf(lengths.train),
    val: startsOf(lengths.val),
    test: startsOf(lengths.test),
  };
  const layoutOf = (length: number): ItemLayout => ({
    name: `kept features of ${length} tokens`,
    items: { shape: [length, ...itemShape], dtype: 'float32' },
    side: { attentionMask: row(length) },
    answers: dataset.splits.train.tagged ? length : 1,
  });
  const reader: ItemReader = {
    itemBytes: Math.ceil((4 * size * (starts.train.at(-1) ?? 0)) / Math.max(1, lengths.train.length)),
    feed: (split, { indices, layout }): NamedData => {
      const [length = 1] = layout.items.shape;
      const items = new Float32Array(indices.length * length * size);
      const attentionMask = new Int32Array(indices.length * length);
      for (const [place, index] of indices.entries()) {
        const from = starts[split][index] ?? 0;
        const to = starts[split][index + 1] ?? from;
        items.set(parts[split]?.subarray(from * size, to * size) ?? [], place * length * size);
        attentionMask.fill(1, place * length, place * length + to - from);
      }
      return { items, attentionMask };
    },
  };
  return { batching: lengthBatching(lengths, layoutOf, dataset.maxTokens, options), reader };
}
