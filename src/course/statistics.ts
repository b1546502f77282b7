import { mean, quantileSorted, sampleStandardDeviation } from 'simple-statistics';
import type { Scored } from './reference';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface PairedDifference {
  /** Mean accuracy of the first minus that of the second, on the pictures that both were scored on. */
  readonly difference: number;
  /** 95 % of the resampled differences lie in it. */
  readonly interval: Interval;
  readonly pictures: number;
}

const RESAMPLES = 4000;

/**
 * How much better the first runs are than the second ones on the same pictures: a paired bootstrap over pictures
 * (Efron & Tibshirani, 1993, chapter 13). A picture brings its mean over the seeds with it, so that several runs on one
 * picture do not count as several pictures.
 * @throws {Error} if no picture is common to all runs
 */
export function pairedDifference(
  first: readonly Scored[],
  second: readonly Scored[],
  seed = 1,
): PairedDifference {
  const [a, b] = [shares(first), shares(second)];
  const differences = [...a].flatMap(([picture, share]) => {
    const other = b.get(picture);
    return other === undefined ? [] : [share - other];
  });
  if (differences.length === 0) throw new Error('The runs were not scored on the same pictures.');
  const random = generator(seed);
  const resampled = Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let draw = 0; draw < differences.length; draw++)
      sum += differences[Math.floor(random() * differences.length)] ?? 0;
    return sum / differences.length;
  }).sort((x, y) => x - y);
  return {
    difference: mean(differences),
    interval: { low: quantileSorted(resampled, 0.025), high: quantileSorted(resampled, 0.975) },
    pictures: differences.length,
  };
}

/**
 * The lowest mean accuracy over `seeds` runs that chance between seeds explains: three standard deviations of the
 * difference between such a mean and that of the recorded runs, below the recorded mean.
 */
export function lowerBand(recorded: readonly number[], seeds: number): number {
  const deviation = recorded.length < 2 ? 0 : sampleStandardDeviation([...recorded]);
  return mean([...recorded]) - 3 * deviation * Math.sqrt(1 / seeds + 1 / recorded.length);
}

/** By picture, the share of runs that were right about it. */
function shares(runs: readonly Scored[]): Map<string, number> {
  const rights = new Map<string, number[]>();
  for (const { pictures, correct } of runs)
    for (const [index, picture] of pictures.entries())
      rights.set(picture, [...(rights.get(picture) ?? []), correct[index] ? 1 : 0]);
  return new Map(
    [...rights]
      .filter(([, list]) => list.length === runs.length)
      .map(([picture, list]) => [picture, mean(list)]),
  );
}

/** Mulberry32: the same answer for the same runs, every time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}
