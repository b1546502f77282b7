/**
 * What a range test's curve says about the learning rate. The three readings are those of fastai's `lr_find`
 * (fastai/callback/schedule.py: `valley`, `steep`, `minimum`), the test itself is Smith's (2015, arXiv:1506.01186).
 */
import type { RatePoint, RateSuggestion } from '../../protocol/rate-test';

/** fastai leaves out the first tenth, which is noise, and the last five steps, which may already diverge. */
const LEFT_OUT_AT_END = 5;
const FEWEST = 8;
/** Falls smaller than this share of the loss are no use to anybody. */
const LEAST_FALL = 0.01;

export interface Reading {
  readonly suggestions: readonly RateSuggestion[];
  readonly note?: string;
}

/**
 * @param points with finite losses, in the order of rising rates
 * @param planned steps of the whole test, had it not ended early
 */
export function suggestRates(points: readonly RatePoint[], planned: number): Reading {
  const first = Math.floor(planned / 10);
  const used = points.slice(first, -LEFT_OUT_AT_END);
  if (used.length < FEWEST) return { suggestions: [], note: tooFew(points) };
  const rates = used.map(({ learningRate }) => learningRate);
  const losses = used.map(({ smoothedLoss }) => smoothedLoss);
  const lowest = indexOfMinimum(losses);
  const start = losses[0] ?? 0;
  const fall = start - (losses[lowest] ?? 0);
  if (fall <= Math.max(LEAST_FALL * start, 2 * noiseOf(points, first)))
    return { suggestions: [], note: FLAT };
  const at = (id: RateSuggestion['id'], index: number, factor: number, reason: string): RateSuggestion => ({
    id,
    learningRate: twoDigits((rates[index] ?? 0) * factor),
    index: first + index,
    reason,
  });
  return {
    suggestions: [
      at('valley', valley(losses), 1, VALLEY),
      at('steepest', steepest(rates, losses), 1, STEEPEST),
      at('tenthOfMinimum', lowest, 0.1, MINIMUM),
    ],
    ...(lowest === losses.length - 1 ? { note: STILL_FALLING } : {}),
  };
}

/**
 * fastai's `valley` (developed by ESRI): finds the longest subsequence of falling losses, and takes the point that lies
 * half its length behind where it would begin without gaps.
 */
export function valley(losses: readonly number[]): number {
  const longest = losses.map(() => 1);
  let end = 0;
  for (let i = 1; i < losses.length; i++) {
    for (let j = 0; j < i; j++) {
      if ((losses[i] ?? 0) < (losses[j] ?? 0)) longest[i] = Math.max(longest[i] ?? 1, (longest[j] ?? 1) + 1);
    }
    if ((longest[end] ?? 1) < (longest[i] ?? 1)) end = i;
  }
  const length = longest[end] ?? 1;
  if (length === 1) return 0;
  const section = length / 3;
  return end - length + Math.floor(section) + Math.floor(section / 2);
}

/** fastai's `steep`: where the loss falls most per factor of the rate. Only up to the lowest point: what falls later is noise. */
export function steepest(rates: readonly number[], losses: readonly number[]): number {
  const lowest = indexOfMinimum(losses);
  const slopes = losses.slice(0, Math.max(1, lowest)).map((loss, index) => {
    const next = losses[index + 1] ?? loss;
    return (next - loss) / Math.log((rates[index + 1] ?? 1) / (rates[index] ?? 1));
  });
  return indexOfMinimum(slopes);
}

export function indexOfMinimum(values: readonly number[]): number {
  return values.reduce((best, value, index) => (value < (values[best] ?? Infinity) ? index : best), 0);
}

/** The standard error of the first smoothed loss that counts, from the differences of neighbouring batches. */
function noiseOf(points: readonly RatePoint[], first: number): number {
  const early = points.slice(0, Math.max(2 * first, FEWEST)).map(({ loss }) => loss);
  const squares = early.slice(1).map((loss, index) => (loss - (early[index] ?? loss)) ** 2);
  const variance = squares.reduce((sum, square) => sum + square, 0) / (2 * squares.length);
  return Math.sqrt(variance / (first + 1));
}

const twoDigits = (rate: number): number => Number(rate.toPrecision(2));

const VALLEY =
  'It lies in the longest stretch in which the loss keeps falling, well before its end: steps are large there and still safe. A good first choice (fastai, "valley").';
const STEEPEST =
  'Here the loss falls fastest: each step helps most. It is often bold (fastai, "steep", after Smith, 2015).';
const MINIMUM =
  'A tenth of the rate at the lowest loss: at the lowest point itself steps are about to become too large (fastai, "minimum").';
const FLAT =
  'The loss never fell clearly, so the curve shows no rate that is better than another. Perhaps almost nothing trains, the network knows this data already, or the batches are too small and noisy: raise batchSize, or train more layers.';
const STILL_FALLING =
  'The loss was still falling at the last rate that counts, so a good rate may be higher than these.';

function tooFew(points: readonly RatePoint[]): string {
  const last = points.at(-1);
  return last === undefined
    ? 'The loss was no number in the very first step, before any weight had moved: weights, pictures or an own loss hold something that is no number.'
    : `The test ended at a rate of ${last.learningRate.toPrecision(2)}, after ${points.length} steps. That is too short for a curve. Look at the data, the own loss and batchSize.`;
}
