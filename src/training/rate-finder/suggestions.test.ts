import { describe, expect, it } from 'vitest';
import type { RatePoint } from '../../protocol/rate-test';
import fastai from './fastai.json';
import { smoother } from './smoothing';
import { indexOfMinimum, steepest, suggestRates, valley } from './suggestions';

/** The rates of a test of 100 steps, as fastai has them. */
const rateAt = (step: number): number => 1e-7 * 1e8 ** (step / 100);
/** A curve of so many steps, smoothed as the test smooths it. */
function curve(count: number, lossAt: (step: number) => number): RatePoint[] {
  const smooth = smoother();
  return Array.from({ length: count }, (_, step) => {
    const loss = lossAt(step);
    return { learningRate: rateAt(step), loss, smoothedLoss: smooth(loss) };
  });
}
/** Deterministic noise in -0.5 … 0.5, uncorrelated enough. */
const wiggle = (step: number): number => ((step * step * 7919 + step * 104_729) % 1009) / 1009 - 0.5;
/** A loss of 2.3 that begins to fall at about 1e-4, is lowest near 2e-2 and diverges after. */
const typical = (step: number): number =>
  2.3 - 1.8 / (1 + Math.exp(-(step - 55) / 5)) + Math.exp((step - 80) / 3);

describe('the three readings of a curve', () => {
  // Computed by fastai's own functions: tools/vision/make_rate_finder_references.py.
  it.each(fastai.cases)('agree with fastai on $name', ({ losses, ...expected }) => {
    const rates = losses.map((_, index) => rateAt(index + 10));
    expect({
      valley: valley(losses),
      steep: steepest(rates, losses),
      minimum: indexOfMinimum(losses),
    }).toEqual({ valley: expected.valley, steep: expected.steep, minimum: expected.minimum });
  });
  it('do not take a fall behind the lowest point for the steepest', () => {
    expect(steepest([1, 10, 100, 1000, 10_000], [3, 2, 1, 90, 2])).toBe(0);
  });
});

describe('suggestRates', () => {
  it('gives three rates in the falling part of a typical curve, each read from a point of it', () => {
    const points = curve(92, typical);
    const { suggestions, note } = suggestRates(points, 100);
    expect(note).toBeUndefined();
    expect(suggestions.map(({ id }) => id)).toEqual(['valley', 'steepest', 'tenthOfMinimum']);
    for (const { learningRate, index, reason } of suggestions) {
      expect(learningRate).toBeGreaterThan(1e-4);
      expect(learningRate).toBeLessThan(1);
      expect(points[index]).toBeDefined();
      expect(reason).toContain('fastai');
    }
  });
  it('names a tenth of the rate at the lowest smoothed loss', () => {
    const points = curve(92, typical);
    const { suggestions } = suggestRates(points, 100);
    const tenth = suggestions.find(({ id }) => id === 'tenthOfMinimum');
    const lowest = points
      .slice(10, -5)
      .reduce((best, point) => (point.smoothedLoss < best.smoothedLoss ? point : best));
    expect(tenth?.learningRate).toBe(Number((lowest.learningRate / 10).toPrecision(2)));
  });
  it('says of a curve that falls to the end that a good rate may be higher', () => {
    const { suggestions, note } = suggestRates(
      curve(100, (step) => 3 - 0.02 * step),
      100,
    );
    expect(suggestions).toHaveLength(3);
    expect(note).toContain('still falling');
  });
  it.each([
    ['constant', () => 2.3],
    ['noise without a fall', (step: number) => 2.3 + 0.4 * wiggle(step)],
    ['rising from the start', (step: number) => 2.3 + 0.01 * step],
  ])('suggests nothing where the loss is %s', (_name, lossAt) => {
    const { suggestions, note } = suggestRates(curve(100, lossAt), 100);
    expect(suggestions).toEqual([]);
    expect(note).toContain('never fell clearly');
  });
  it('finds the same stretch under noise of a tenth of the loss', () => {
    const { suggestions } = suggestRates(
      curve(92, (step) => typical(step) + 0.23 * wiggle(step)),
      100,
    );
    const [calm] = suggestRates(curve(92, typical), 100).suggestions;
    const [noisy] = suggestions;
    expect(Math.abs(Math.log10((noisy?.learningRate ?? 0) / (calm?.learningRate ?? 1)))).toBeLessThan(1);
  });
  it('says where a loss that is no number at once comes from', () => {
    const { suggestions, note } = suggestRates([], 100);
    expect(suggestions).toEqual([]);
    expect(note).toContain('very first step');
  });
  it('says that a test of a few steps is too short', () => {
    const { suggestions, note } = suggestRates(curve(17, typical), 100);
    expect(suggestions).toEqual([]);
    expect(note).toContain('after 17 steps');
  });
});

describe('smoother', () => {
  it('gives a constant unchanged, however few values there are', () => {
    const smooth = smoother();
    for (let step = 0; step < 5; step++) expect(smooth(2.5)).toBeCloseTo(2.5, 12);
  });
  it('weighs with beta and corrects for the start at zero', () => {
    const smooth = smoother(0.5);
    smooth(1);
    // (0.25 · 1 + 0.5 · 4) / (1 − 0.25) = 3
    expect(smooth(4)).toBeCloseTo(3, 12);
  });
});
