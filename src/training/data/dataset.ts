import type { DataInfo } from '../../protocol/events';
import type { Preprocessing } from '../weights/preprocessing';
import { permutation, randomStream } from '../random';

export type SplitName = 'train' | 'val' | 'test';

/** Items of one split. */
export interface Split {
  readonly count: number;
  /** `[count, ...itemShape]` */
  readonly values: Float32Array;
  readonly labels: Int32Array;
  /** Absolute paths. */
  readonly files: readonly string[];
}

export interface Dataset {
  readonly info: DataInfo;
  readonly classNames: readonly string[];
  /** Of one item: [height, width, 3]. */
  readonly itemShape: readonly number[];
  readonly splits: Readonly<Record<SplitName, Split>>;
  /** How values 0..1 became what the splits hold: (value − mean) / std per channel. */
  readonly preprocessing: Preprocessing;
  /** Changes when a picture, its class, its place or the preprocessing changes. */
  readonly fingerprint: string;
}

/** Which items one step sees. */
export interface BatchIndices {
  /** As many as the batch size. */
  readonly indices: Int32Array;
  /** The first `counted` of them count for loss and accuracy; the others fill a late batch up. */
  readonly counted: number;
}

/**
 * The order of an epoch is a function of (seed, epoch), so training can go on in the middle of it. A late last batch is
 * filled up with pictures from the epoch's beginning: BatchNorm sees real pictures, the loss does not count them twice.
 * @param epoch from 0
 * @param step of the epoch, from 0
 */
export function batchIndices(
  count: number,
  batchSize: number,
  seed: number,
  epoch: number,
  step: number,
): BatchIndices {
  const order = permutation(randomStream(seed, `order/${epoch}`), count);
  const start = step * batchSize;
  const indices = Int32Array.from({ length: batchSize }, (_, row) => order[(start + row) % count] ?? 0);
  return { indices, counted: Math.min(batchSize, count - start) };
}

export function stepsPerEpoch(count: number, batchSize: number): number {
  return Math.ceil(count / batchSize);
}

/** Copies items of `source` into `target`, one after another. */
export function gatherRows(
  source: Float32Array,
  indices: ArrayLike<number>,
  rowSize: number,
  target: Float32Array,
): void {
  for (let row = 0; row < indices.length; row++) {
    const start = (indices[row] ?? 0) * rowSize;
    target.set(source.subarray(start, start + rowSize), row * rowSize);
  }
}
