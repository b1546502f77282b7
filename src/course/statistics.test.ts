import { describe, expect, it } from 'vitest';
import type { Scored } from './reference';
import { lowerBand, pairedDifference } from './statistics';

/** A run that is right about the first `right` of `count` pictures. */
const run = (right: number, count = 300, seed = 1): Scored => ({
  seed,
  accuracy: right / count,
  pictures: Array.from({ length: count }, (_, index) => `test/${index}.png`),
  correct: Array.from({ length: count }, (_, index) => index < right),
});

describe('pairedDifference', () => {
  it('is the difference of the accuracies, with an interval as wide as theory says', () => {
    const { difference, interval, pictures } = pairedDifference([run(240)], [run(150)]);
    expect(pictures).toBe(300);
    expect(difference).toBeCloseTo(0.3, 12);
    // 90 pictures differ by 1, 210 by 0: variance 0.3 · 0.7, standard error sqrt(0.21 / 300) = 0.02646, times 1.96 = 0.0519.
    expect(interval.low).toBeCloseTo(0.3 - 0.0519, 2);
    expect(interval.high).toBeCloseTo(0.3 + 0.0519, 2);
  });

  it('finds nothing between runs that are right about the same pictures', () => {
    expect(pairedDifference([run(100)], [run(100)])).toEqual({
      difference: 0,
      interval: { low: 0, high: 0 },
      pictures: 300,
    });
  });

  it('counts several runs on one picture as one picture: more seeds do not narrow the interval by themselves', () => {
    const one = pairedDifference([run(240)], [run(150)]);
    const three = pairedDifference([run(240, 300, 1), run(240, 300, 2), run(240, 300, 3)], [run(150)]);
    expect(three).toEqual(one);
  });

  it('pairs by picture, whatever their order, and leaves out what only one side has', () => {
    const reversed = run(240);
    const other: Scored = {
      ...reversed,
      pictures: [...reversed.pictures].reverse(),
      correct: [...reversed.correct].reverse(),
    };
    expect(pairedDifference([other], [run(240)]).difference).toBe(0);
    expect(pairedDifference([run(10, 20)], [run(10, 300)]).pictures).toBe(20);
  });

  it('refuses runs without a common picture', () => {
    const elsewhere = { ...run(1, 2), pictures: ['a', 'b'] };
    expect(() => pairedDifference([run(1, 2)], [elsewhere])).toThrow('same pictures');
  });
});

describe('lowerBand', () => {
  it('is three deviations of the difference of two means below the recorded mean', () => {
    // mean 0.86, sample deviation 0.02; sqrt(1/3 + 1/3) = 0.81650
    expect(lowerBand([0.84, 0.86, 0.88], 3)).toBeCloseTo(0.86 - 3 * 0.02 * 0.8165, 5);
  });
});
