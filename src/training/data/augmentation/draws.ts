import { randomStream } from '../../random';

/** Random numbers for one change to one picture: the k-th call always gives the same number. */
export interface Draws {
  /** 0 <= x < 1 */
  uniform(): number;
  /** low <= x < high */
  between(low: number, high: number): number;
  /** 0, 1, … count − 1 */
  integer(count: number): number;
}

/** When a picture is drawn: fresh in every epoch, or as one of a fixed number of variants that the feature cache keeps. */
export type Moment = { readonly epoch: number } | { readonly variant: number; readonly variants: number };

/**
 * The stream of (seed, moment, item, name): independent of order, batch size and what was drawn before. The variants of one
 * picture share their numbers, shifted by variant / variants and wrapped (systematic sampling): of two variants that a
 * flip makes, one is always mirrored.
 * @param item index in the training set
 * @param name of the transform
 */
export function drawsOf(seed: number, moment: Moment, item: number, name: string): Draws {
  const time = 'epoch' in moment ? `${moment.epoch}` : 'cached';
  const shift = 'epoch' in moment ? 0 : moment.variant / moment.variants;
  const stream = randomStream(seed, `augment/${name}/${time}/${item}`);
  let next = 0;
  const uniform = (): number => (stream.uniform(next++) + shift) % 1;
  return {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    integer: (count) => Math.floor(uniform() * count),
  };
}

/** Normal with mean 0 and deviation 1 (Box and Muller, 1958). */
function normal(draws: Draws): number {
  return Math.sqrt(-2 * Math.log(1 - draws.uniform())) * Math.cos(2 * Math.PI * draws.uniform());
}

/** Gamma with scale 1 (Marsaglia and Tsang, 2000). */
function gamma(draws: Draws, shape: number): number {
  if (shape < 1) return gamma(draws, shape + 1) * (1 - draws.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(draws);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - draws.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Beta(alpha, alpha), 0..1: near 0 or 1 for a small alpha, near one half for a large one. */
export function symmetricBeta(draws: Draws, alpha: number): number {
  const first = gamma(draws, alpha);
  const second = gamma(draws, alpha);
  const sum = first + second;
  return sum > 0 ? first / sum : draws.integer(2);
}
