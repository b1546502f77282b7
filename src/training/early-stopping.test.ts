import { describe, expect, it } from 'vitest';
import { isBetter } from './early-stopping';

const better = (now: [number, number], best: [number, number], count = 100): boolean =>
  isBetter({ accuracy: now[0], loss: now[1] }, { accuracy: best[0], loss: best[1] }, count, undefined);

describe('the weights that are kept', () => {
  it('are those of the higher accuracy where the difference is more than chance', () => {
    // One standard error of 0.60 on 100 pictures is 0.049.
    expect(better([0.66, 1.3], [0.6, 1.0])).toBe(true);
    expect(better([0.54, 0.9], [0.6, 1.0])).toBe(false);
    // On 10,000 it is 0.0049.
    expect(better([0.61, 1.3], [0.6, 1.0], 10_000)).toBe(true);
  });

  it('are those of the lower loss where the accuracies differ by chance only', () => {
    expect(better([0.58, 0.9], [0.6, 1.0])).toBe(true);
    expect(better([0.62, 1.1], [0.6, 1.0])).toBe(false);
  });

  it('may be those of a later epoch though one picture more was right early, at 99 or 100 %', () => {
    expect(better([0.99, 0.07], [1, 0.4])).toBe(true);
    expect(better([1, 0.4], [0.99, 0.07])).toBe(false);
    expect(better([0.98, 0.07], [1, 0.4])).toBe(false);
  });

  it('are the first, where nothing was better', () => {
    expect(isBetter({ accuracy: 0, loss: 9 }, undefined, 100, undefined)).toBe(true);
    expect(better([0.6, 1], [0.6, 1])).toBe(false);
  });

  it('are those that early stopping watches for', () => {
    const stopping = { patience: 2 };
    const best = { accuracy: 0.6, loss: 1 };
    expect(isBetter({ accuracy: 0.9, loss: 1.1 }, best, 100, stopping)).toBe(false);
    expect(isBetter({ accuracy: 0.3, loss: 0.9 }, best, 100, stopping)).toBe(true);
    const watching = { patience: 2, monitor: 'valAccuracy' } as const;
    expect(isBetter({ accuracy: 0.61, loss: 1.1 }, best, 100, watching)).toBe(true);
  });
});
