import type { Dataset, SplitName } from '../data/dataset';
import type { Mix } from '../data/augmentation/augmenter';
import type { NamedData } from '../engine/types';
import { putLabels } from '../tasks/image-classification';
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
  /** `[indices, numClasses]`: one-hot, or shares where pictures are blended. */
  labels(batch: ItemBatch, epoch: number): Float32Array;
}

export function joinData(
  splits: Dataset['splits'],
  numClasses: number,
  batching: Batching,
  reader: ItemReader,
): PhaseData {
  return {
    ...batching,
    ...reader,
    splits,
    labels: ({ indices }, epoch) => {
      const labels = new Float32Array(indices.length * numClasses);
      for (const [row, index] of indices.entries())
        putLabels(splits.train.labels, index, reader.mix?.(index, epoch), { labels, row, numClasses });
      return labels;
    },
  };
}
