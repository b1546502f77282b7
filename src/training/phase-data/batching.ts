/** Which items one step or one pass sees, and in which shape. */
import { batchIndices, stepsPerEpoch, type SplitName } from '../data/dataset';
import type { TensorSpec } from '../engine/types';
import { lengthBatches, MOST_LENGTHS, paddedLengths, type LengthBatch } from '../tokenizing/length-batches';

/** What a batch is fed with, each without the batch: the main input, and inputs that stand beside it. */
export interface ItemLayout {
  /** For the names of graphs: 'pictures', '32 tokens'. Each layout is a graph of its own. */
  readonly name: string;
  readonly items: TensorSpec;
  readonly side: Readonly<Record<string, TensorSpec>>;
  /** Answers that an item gets: 1, or one for each token. */
  readonly answers: number;
}

export interface ItemBatch {
  /** As many as the batch size. */
  readonly indices: Int32Array;
  /** The first `counted` of them count; the others fill a late batch up. */
  readonly counted: number;
  readonly layout: ItemLayout;
}

export interface Batching {
  /** What graphs there may be. */
  readonly layouts: readonly ItemLayout[];
  /** Of the first epoch's tokens, those that only fill rows up, 0..1; absent where nothing is filled up. */
  readonly paddingShare?: number;
  /** The batches of an epoch in their order, a function of (seed, epoch); as many in each epoch. @param epoch from 0 */
  training(epoch: number): readonly ItemBatch[];
  /** Every item of a split once. */
  once(split: SplitName, batchSize: number): readonly ItemBatch[];
}

export interface BatchingOptions {
  readonly batchSize: number;
  readonly seed: number;
}

export type Counts = Readonly<Record<SplitName, number>>;

/** Items of one shape. */
export function evenBatching(
  layout: ItemLayout,
  counts: Counts,
  { batchSize, seed }: BatchingOptions,
): Batching {
  return {
    layouts: [layout],
    training: newest((epoch) =>
      Array.from({ length: stepsPerEpoch(counts.train, batchSize) }, (_, step) => ({
        ...batchIndices(counts.train, batchSize, seed, epoch, step),
        layout,
      })),
    ),
    once: (split, size) =>
      Array.from({ length: Math.ceil(counts[split] / size) }, (_, batch) =>
        filledUp(
          Array.from(
            { length: Math.min(size, counts[split] - batch * size) },
            (__, row) => batch * size + row,
          ),
          size,
          layout,
        ),
      ),
  };
}

/**
 * Texts of like length together, in rows of few padded lengths: see `lengthBatches`.
 * @param lengths tokens of each text
 * @param layoutOf the layout for rows of so many tokens
 * @param longest rows are not longer, whatever a round number would be
 */
export function lengthBatching(
  lengths: Readonly<Record<SplitName, readonly number[]>>,
  layoutOf: (length: number) => ItemLayout,
  longest: number,
  { batchSize, seed }: BatchingOptions,
): Batching {
  const all = [...lengths.train, ...lengths.val, ...lengths.test];
  const padded = paddedLengths(all, MOST_LENGTHS).map((length) => Math.min(length, longest));
  const layouts = new Map(padded.map((length) => [length, layoutOf(length)]));
  const batch = (size: number): ((one: LengthBatch) => ItemBatch) => {
    return ({ indices, paddedLength }) => {
      const layout = layouts.get(paddedLength);
      if (!layout) throw new Error(`No rows of ${paddedLength} tokens were planned.`);
      return filledUp(indices, size, layout);
    };
  };
  const { paddingShare } = lengthBatches(lengths.train, { batchSize, seed, epoch: 0, lengths: padded });
  return {
    layouts: [...layouts.values()],
    paddingShare,
    training: newest((epoch) =>
      lengthBatches(lengths.train, { batchSize, seed, epoch, lengths: padded }).batches.map(batch(batchSize)),
    ),
    once: (split, size) =>
      lengthBatches(lengths[split], { batchSize: size, seed: 0, lengths: padded }).batches.map(batch(size)),
  };
}

/** Repeats a late batch's own items until it is full. */
function filledUp(indices: readonly number[], size: number, layout: ItemLayout): ItemBatch {
  const counted = indices.length;
  const filled = Int32Array.from({ length: size }, (_, row) => indices[row % counted] ?? 0);
  return { indices: filled, counted, layout };
}

/** Every step of an epoch asks for its batches. */
function newest<T>(make: (epoch: number) => T): (epoch: number) => T {
  let last: { readonly epoch: number; readonly made: T } | undefined;
  return (epoch) => {
    if (last?.epoch !== epoch) last = { epoch, made: make(epoch) };
    return last.made;
  };
}
