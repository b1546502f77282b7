import { describe, expect, it } from 'vitest';
import { align, column, lastValue, positions, positive, smooth, weightOf, windowOf } from './series';

const step = (number: number, stepMs = 100) => ({
  step: number,
  epoch: 1,
  trainLoss: 1,
  trainAccuracy: 0,
  learningRate: 1,
  stepMs,
});
const epochPoint = (epoch: number, at: number) => ({
  epoch,
  step: at,
  trainLoss: 1,
  trainAccuracy: 0,
  valLoss: 1,
  valAccuracy: 0,
  best: false,
});

describe('positions', () => {
  const run = {
    steps: [step(1), step(2, 300), step(3), step(4)],
    epochPoints: [epochPoint(1, 2), epochPoint(2, 4)],
    stepsPerEpoch: 2,
  };

  it('counts epochs in fractions: the third of two steps per epoch lies at 1.5', () => {
    expect(positions(run, 'epoch')).toEqual({ steps: [0.5, 1, 1.5, 2], epochs: [1, 2] });
  });
  it('counts steps', () => {
    expect(positions(run, 'step')).toEqual({ steps: [1, 2, 3, 4], epochs: [2, 4] });
  });
  it('adds the time of the steps, and puts an epoch where its last step ended', () => {
    const { steps, epochs } = positions(run, 'seconds');
    expect(steps.map((at) => at.toFixed(1))).toEqual(['0.1', '0.4', '0.5', '0.6']);
    expect(epochs.map((at) => at.toFixed(1))).toEqual(['0.4', '0.6']);
  });
  it('counts steps where the number of steps in an epoch is not known', () => {
    expect(positions({ ...run, stepsPerEpoch: 0 }, 'epoch').steps).toEqual([1, 2, 3, 4]);
  });
});

describe('smooth', () => {
  it('begins at the first value instead of being drawn to zero', () => {
    expect(smooth([5, 5, 5], 0.9)).toEqual([expect.closeTo(5), expect.closeTo(5), expect.closeTo(5)]);
  });
  it('is the debiased moving average: by hand, weight 0.5 of 1 then 4 gives (0.25 + 2) / 0.75 = 3', () => {
    expect(smooth([1, 4], 0.5)).toEqual([1, expect.closeTo(3)]);
  });
  it('keeps gaps and goes on behind them', () => {
    expect(smooth([2, null, 2], 0.5)).toEqual([2, null, 2]);
  });
  it('changes nothing at weight 0', () => {
    expect(smooth([1, 7, 2], 0)).toEqual([1, 7, 2]);
  });
  it.each([1, 5, 100])('covers %d steps with the weight for that', (window) => {
    expect(windowOf(weightOf(window))).toBeCloseTo(window);
  });
});

describe('align', () => {
  it('puts tracks with positions of their own on one, with gaps', () => {
    const aligned = align([
      { x: [1, 2, 3], columns: [[10, 20, 30]] },
      { x: [2, 4], columns: [[7, 8]] },
    ]);
    expect(aligned).toEqual({
      x: [1, 2, 3, 4],
      columns: [
        [10, 20, 30, null],
        [null, 7, null, 8],
      ],
    });
  });
  it('has nothing to do for no track', () => {
    expect(align([])).toEqual({ x: [], columns: [] });
  });
});

it('what cannot be drawn becomes a gap', () => {
  expect(column([1, Number.NaN, Infinity, null as unknown as number], (value) => value)).toEqual([
    1,
    null,
    null,
    null,
  ]);
  expect(positive([1, 0, -1, null])).toEqual([1, null, null, null]);
});

it('the last value is the last number up to a position', () => {
  expect(lastValue([1, 2, null])).toBe(2);
  expect(lastValue([null, 2, 3], 1)).toBe(2);
  expect(lastValue([null, null])).toBeUndefined();
});
