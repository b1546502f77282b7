import type { AnyDataset, Dataset, Split, SplitName, TextSplit } from '../data/dataset';
import type { Mix } from '../data/augmentation/augmenter';
import type { NamedData } from '../engine/types';
import { putLabels } from '../tasks/image-classification';
import { IGNORED_LABEL } from '../tokenizing/token-labels';
import type { Batching, ItemBatch } from './batching';

/** When an item is looked at: in an epoch of training (augmented pictures differ), as a kept variant, or as it is. */
export interface When {
  /** From 0. */
  readonly epoch?: number;
  readonly variant?: number;
}

/** Items of a data set, or what a frozen prefix made of them, as a graph is fed with them. */
export interface ItemReader {
  /** @returns `items` and the side inputs of the batch's layout */
  feed(split: SplitName, batch: ItemBatch, when?: When): NamedData;
  /** What a training item's label is shared with. */
  mix?(item: number, epoch: number): Mix | undefined;
  /** Bytes of one item, or of a usual one. */
  readonly itemBytes: number;
}

/** What the trained part of a phase reads, batch by batch: pictures, texts, or what the frozen prefix made of them. */
export interface PhaseData extends ItemReader, Batching {
  readonly splits: Dataset['splits'];
  /** What the answers to a batch of training should be. */
  labels(batch: ItemBatch, epoch: number): BatchLabels;
  /** Which of the answers about an item are scored: their places, in the order of the split's labels. */
  scored(split: SplitName, item: number): readonly number[];
}

export interface BatchLabels {
  /** `[batch · answers, numClasses]`: one-hot, or shares where pictures are blended. */
  readonly labels: Float32Array;
  /** `[batch · answers]`: 1 where an answer counts. */
  readonly mask: Float32Array;
  /** `[batch · answers]`: the class; -100 where an answer does not count. */
  readonly classes: Int32Array;
  /** Answers that count. */
  readonly counted: number;
}

export function joinData(
  { splits }: AnyDataset,
  numClasses: number,
  batching: Batching,
  reader: ItemReader,
): PhaseData {
  const { train } = splits;
  const tagged = 'tagged' in train ? train.tagged : undefined;
  const places = tagged && {
    train: placesOf(splits.train),
    val: placesOf(splits.val),
    test: placesOf(splits.test),
  };
  return {
    ...batching,
    ...reader,
    splits,
    labels: ({ indices, counted, layout: { answers } }, epoch) => {
      const classes = new Int32Array(indices.length * answers).fill(IGNORED_LABEL);
      for (const [row, index] of indices.subarray(0, counted).entries())
        if (tagged) classes.set(tagged[index]?.tokenLabels ?? [], row * answers);
        else classes[row] = train.labels[index] ?? 0;
      const labels = new Float32Array(classes.length * numClasses);
      for (const [row, label] of classes.entries())
        if (tagged) putLabels([label], 0, undefined, { labels, row, numClasses });
        else {
          const item = indices[row] ?? 0;
          putLabels(train.labels, item, reader.mix?.(item, epoch), { labels, row, numClasses });
        }
      const mask = Float32Array.from(classes, (label) => (label === IGNORED_LABEL ? 0 : 1));
      return { labels, mask, classes, counted: mask.reduce((sum, one) => sum + one, 0) };
    },
    scored: (split, item) => places?.[split][item] ?? ONLY,
  };
}

const ONLY: readonly number[] = [0];

function placesOf(split: Split): readonly (readonly number[])[] {
  const { tagged = [] } = split as Partial<TextSplit>;
  return tagged.map(({ tokenLabels }) =>
    tokenLabels.flatMap((label, place) => (label === IGNORED_LABEL ? [] : [place])),
  );
}
