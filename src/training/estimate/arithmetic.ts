/** From what a probe measured to what a run takes. Pure. */
import type { Band, PhaseEstimate } from '../../protocol/estimate';
import { stepsPerEpoch } from '../data/dataset';
import type { Listing } from '../data/listing';

export interface Counts {
  readonly train: number;
  readonly val: number;
  readonly test: number;
}

/** What a probe measured of one part of the strategy. */
export interface PhaseTimes {
  readonly name: string;
  readonly epochs: number;
  readonly compileSeconds: number;
  /** Each of the steps that count. */
  readonly stepSeconds: readonly number[];
  /** One pass of the evaluation, over `evaluationBatch` pictures. */
  readonly evaluationSeconds: number;
  readonly evaluationBatch: number;
  /** Absent where no layers are kept. */
  readonly prefix?: {
    readonly batchSeconds: number;
    readonly batch: number;
    /** Random versions of each training picture. */
    readonly variants: number;
    /** Of what is kept for one picture. */
    readonly itemBytes: number;
  };
}

/** How many pictures each split will have, before any of them is opened. */
export function countsOf(
  { found, classNames }: Pick<Listing, 'found' | 'classNames'>,
  valFraction: number,
): Counts {
  const of = (split: string | undefined): number => found.filter((item) => item.split === split).length;
  const [test, val] = [of('test'), of('val')];
  if (val > 0) return { train: found.length - val - test, val, test };
  const drawn = classNames.reduce((sum, _, label) => {
    const own = found.filter((item) => item.label === label && item.split !== 'test').length;
    return sum + Math.max(0, Math.min(own - 1, Math.max(1, Math.round(valFraction * own))));
  }, 0);
  return { train: found.length - test - drawn, val: drawn, test };
}

/** A phase of the run, with the step that `pick` chooses of the measured ones. */
export function phaseEstimate(
  phase: PhaseTimes,
  counts: Counts,
  batchSize: number,
  pick: (values: readonly number[]) => number = median,
): PhaseEstimate {
  const { name, epochs, compileSeconds, prefix } = phase;
  const perEpoch = stepsPerEpoch(counts.train, batchSize);
  const stepSeconds = pick(phase.stepSeconds);
  const epochSeconds = perEpoch * stepSeconds + evaluations(counts.val, phase);
  const prefixSeconds = prefix
    ? prefix.batchSeconds *
      (prefix.variants * Math.ceil(counts.train / prefix.batch) +
        Math.ceil(counts.val / prefix.batch) +
        Math.ceil(counts.test / prefix.batch))
    : 0;
  const seconds = compileSeconds + prefixSeconds + epochs * epochSeconds;
  return { name, epochs, stepsPerEpoch: perEpoch, stepSeconds, epochSeconds, prefixSeconds, seconds };
}

/** Checkpoints, garbage collection and other programs: what a few quiet steps do not show. */
const FASTER = 0.9;
const SLOWER = 1.2;

/** The run from its first phase to the score of the test, or of validation where there is none. */
export function runSeconds(phases: readonly PhaseTimes[], counts: Counts, batchSize: number): Band {
  const last = phases.at(-1);
  const scored = last ? evaluations(counts.test > 0 ? counts.test : counts.val, last) : 0;
  const of = (pick?: (values: readonly number[]) => number): number =>
    phases.reduce((sum, phase) => sum + phaseEstimate(phase, counts, batchSize, pick).seconds, scored);
  return {
    value: of(),
    low: FASTER * of((values) => Math.min(...values)),
    high: SLOWER * of((values) => Math.max(...values)),
  };
}

const evaluations = (count: number, { evaluationSeconds, evaluationBatch }: PhaseTimes): number =>
  evaluationSeconds * Math.ceil(count / evaluationBatch);

/** Bytes that a run holds and a probe does not: all the pictures, while they are loaded twice, and what is kept of frozen layers. */
export function dataBytes(phases: readonly PhaseTimes[], counts: Counts, pictureBytes: number): number {
  const kept = phases.map(({ prefix }) =>
    prefix ? prefix.itemBytes * (prefix.variants * counts.train + counts.val + counts.test) : 0,
  );
  return 2 * pictureBytes * (counts.train + counts.val + counts.test) + Math.max(0, ...kept);
}

export interface Peak {
  readonly batchSize: number;
  readonly bytes: number;
}

/** Memory as a line through two measured batch sizes. */
export interface MemoryModel {
  readonly fixedBytes: number;
  readonly bytesPerItem: number;
}

/** @param peaks the smallest and the largest count; one alone says nothing of a batch's share, so all of it may be that */
export function memoryModel(peaks: readonly Peak[]): MemoryModel {
  const sorted = [...peaks].sort((a, b) => a.batchSize - b.batchSize);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (!first || !last) throw new Error('Nothing was measured.');
  if (first.batchSize === last.batchSize) return { fixedBytes: 0, bytesPerItem: last.bytes / last.batchSize };
  const bytesPerItem = Math.max(0, (last.bytes - first.bytes) / (last.batchSize - first.batchSize));
  return { fixedBytes: last.bytes - bytesPerItem * last.batchSize, bytesPerItem };
}

export const bytesAt = ({ fixedBytes, bytesPerItem }: MemoryModel, batchSize: number): number =>
  fixedBytes + bytesPerItem * batchSize;

/** Left for the editor, and for what was not reckoned. */
export const USABLE = 0.9;

/** @returns the largest batch size from 2 to `most` that fits; undefined where not even 2 does */
export function largestBatchSize(
  model: MemoryModel,
  availableBytes: number,
  most: number,
): number | undefined {
  const room = USABLE * availableBytes - model.fixedBytes;
  const largest = model.bytesPerItem === 0 ? (room >= 0 ? most : 0) : Math.floor(room / model.bytesPerItem);
  const batchSize = Math.min(most, largest);
  return batchSize >= 2 ? batchSize : undefined;
}

/** A quarter of the batch: enough to tell what each picture adds, and far from filling the memory. */
export const firstBatchSize = (batchSize: number): number => Math.max(2, Math.ceil(batchSize / 4));

/** Steps at a batch size that was not tried, on the line through two that were; never faster than the larger of them. */
export function extrapolateSteps(
  smaller: PhaseTimes,
  larger: PhaseTimes,
  sizes: readonly [number, number, number],
): PhaseTimes {
  const [a, b, wanted] = sizes;
  const [x, y] = [median(smaller.stepSeconds), median(larger.stepSeconds)];
  const perItem = b === a ? y / b : Math.max(0, (y - x) / (b - a));
  return { ...larger, stepSeconds: larger.stepSeconds.map((seconds) => seconds + perItem * (wanted - b)) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [below = 0, above = 0] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? above : (below + above) / 2;
}
