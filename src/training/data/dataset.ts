import type { DataInfo } from '../../protocol/events';
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
  /** Changes when a picture, its class, its place or the preprocessing changes. */
  readonly fingerprint: string;
}

/**
 * Which items one step sees. The order of an epoch is a function of (seed, epoch), so training can go on in the middle.
 * @param epoch from 0
 * @param step of the epoch, from 0
 * @returns indices; fewer than batchSize in the last batch
 */
export function batchIndices(
  count: number,
  batchSize: number,
  seed: number,
  epoch: number,
  step: number,
): Int32Array {
  return permutation(randomStream(seed, `order/${epoch}`), count).subarray(
    step * batchSize,
    (step + 1) * batchSize,
  );
}

/** Steps of an epoch. A last batch of one item would have no spread for BatchNorm: it is left out of that epoch. */
export function stepsPerEpoch(count: number, batchSize: number): number {
  const full = Math.floor(count / batchSize);
  return count % batchSize >= 2 || full === 0 ? full + 1 : full;
}

/** Copies rows of `source` into `target`; rows of `target` beyond the indices repeat the first. */
export function gatherRows(
  source: Float32Array,
  indices: ArrayLike<number>,
  rowSize: number,
  target: Float32Array,
): void {
  const rows = target.length / rowSize;
  for (let row = 0; row < rows; row++) {
    const index = indices[row < indices.length ? row : 0] ?? 0;
    target.set(source.subarray(index * rowSize, (index + 1) * rowSize), row * rowSize);
  }
}

/** Mirrors pictures `[count, height, width, channels]` left to right. */
export function mirror(
  images: Float32Array,
  [height, width, channels]: readonly [number, number, number],
): Float32Array {
  const out = new Float32Array(images.length);
  const row = width * channels;
  for (let start = 0; start + row <= images.length; start += row)
    for (let x = 0; x < width; x++) {
      const from = start + (width - 1 - x) * channels;
      out.set(images.subarray(from, from + channels), start + x * channels);
    }
  if (height === 0) return images;
  return out;
}
