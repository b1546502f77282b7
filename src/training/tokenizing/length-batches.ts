import { permutation, randomStream } from '../random';

/** Which texts one step sees, and how long their rows are. */
export interface LengthBatch {
  /** At most the batch size. */
  readonly indices: readonly number[];
  /** Tokens of a row, padding included. */
  readonly paddedLength: number;
}

export interface LengthBatches {
  readonly batches: readonly LengthBatch[];
  /** Different shapes [rows, tokens]: each is a graph that is compiled once. */
  readonly shapes: number;
  /** Tokens that are padding, of all that are computed, 0..1. */
  readonly paddingShare: number;
}

export interface LengthBatchOptions {
  readonly batchSize: number;
  readonly seed: number;
  /** From 0: the order of an epoch is a function of (seed, epoch). */
  readonly epoch?: number;
  /** Padded lengths to choose from, rising; the last is at least the longest text. `paddedLengths` finds good ones. */
  readonly lengths?: readonly number[];
  /** Without `lengths`: how many of them there may be. */
  readonly mostLengths?: number;
}

export const MOST_LENGTHS = 6;
/** Rows of a multiple of this many tokens: fewer shapes between data sets, and whole vectors for the processor. */
const LENGTH_STEP = 8;

/**
 * Texts of like length together, so that little is padding. Each text goes to the shortest padded length that holds it; within
 * a length the order is drawn, and so is that of the batches: no epoch runs from short to long. What is left of one length
 * joins the next longer one, so all batches but the last are full.
 * At most `lengths.length` shapes, and one more for the last batch.
 */
export function lengthBatches(lengths: readonly number[], options: LengthBatchOptions): LengthBatches {
  const { batchSize, seed, epoch = 0 } = options;
  const padded = options.lengths ?? paddedLengths(lengths, options.mostLengths ?? MOST_LENGTHS);
  const order = permutation(randomStream(seed, `length order/${epoch}`), lengths.length);
  const buckets = padded.map((): number[] => []);
  for (const index of order) buckets[bucketOf(lengths[index] ?? 0, padded)]?.push(index);

  const batches: LengthBatch[] = [];
  let left: number[] = [];
  for (const [place, bucket] of buckets.entries()) {
    const waiting = [...left, ...bucket];
    const full = waiting.length - (waiting.length % batchSize);
    for (let start = 0; start < full; start += batchSize)
      batches.push({ indices: waiting.slice(start, start + batchSize), paddedLength: padded[place] ?? 0 });
    left = waiting.slice(full);
  }
  if (left.length > 0) {
    const longest = left.reduce((most, index) => Math.max(most, lengths[index] ?? 0), 0);
    batches.push({ indices: left, paddedLength: padded[bucketOf(longest, padded)] ?? longest });
  }
  const drawn = permutation(randomStream(seed, `batch order/${epoch}`), batches.length);
  return measured(
    [...drawn].flatMap((index) => batches[index] ?? []),
    lengths,
  );
}

/**
 * At most `most` padded lengths, multiples of 8, that leave the least padding (found exactly, by dynamic programming).
 * @param lengths tokens of each text
 */
export function paddedLengths(lengths: readonly number[], most: number): number[] {
  if (lengths.length === 0) return [];
  const longest = lengths.reduce((a, b) => Math.max(a, b), 1);
  const steps = Math.ceil(longest / LENGTH_STEP);
  /** texts[s]: how many have at most s steps. */
  const texts = new Array<number>(steps + 1).fill(0);
  for (const length of lengths) {
    const step = Math.max(1, Math.ceil(length / LENGTH_STEP));
    texts[step] = (texts[step] ?? 0) + 1;
  }
  for (let step = 1; step <= steps; step++) texts[step] = (texts[step] ?? 0) + (texts[step - 1] ?? 0);
  // cost[k][s]: computed steps of all texts of at most s steps, with k + 1 lengths of which the longest is s.
  const cost: number[][] = [texts.map((count, step) => count * step)];
  const before: number[][] = [];
  for (let k = 1; k < Math.min(most, steps); k++) {
    const row = new Array<number>(steps + 1).fill(Infinity);
    const from = new Array<number>(steps + 1).fill(0);
    for (let step = k + 1; step <= steps; step++)
      for (let shorter = k; shorter < step; shorter++) {
        const count = (texts[step] ?? 0) - (texts[shorter] ?? 0);
        const total = (cost[k - 1]?.[shorter] ?? Infinity) + count * step;
        if (total < (row[step] ?? Infinity)) [row[step], from[step]] = [total, shorter];
      }
    cost.push(row);
    before.push(from);
  }
  const totals = cost.map((row) => row[steps] ?? Infinity);
  const found: number[] = [];
  let step = steps;
  for (let k = totals.indexOf(Math.min(...totals)); k >= 0; k--) {
    found.unshift(step * LENGTH_STEP);
    step = before[k - 1]?.[step] ?? 0;
  }
  return found;
}

function bucketOf(length: number, padded: readonly number[]): number {
  const place = padded.findIndex((one) => one >= length);
  if (place >= 0) return place;
  throw new RangeError(
    `A text of ${length} tokens is longer than the longest padded length of ${padded.join(', ')}`,
  );
}

/** What a way of making batches costs. */
export function measured(batches: readonly LengthBatch[], lengths: readonly number[]): LengthBatches {
  const shapes = new Set(batches.map(({ indices, paddedLength }) => `${indices.length}x${paddedLength}`));
  const computed = batches.reduce((sum, { indices, paddedLength }) => sum + indices.length * paddedLength, 0);
  const real = batches.reduce(
    (sum, { indices }) => sum + indices.reduce((tokens, index) => tokens + (lengths[index] ?? 0), 0),
    0,
  );
  return { batches, shapes: shapes.size, paddingShare: computed === 0 ? 0 : 1 - real / computed };
}
