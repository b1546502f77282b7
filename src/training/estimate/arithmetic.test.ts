/** Expected values are by hand. */
import { describe, expect, it } from 'vitest';
import {
  bytesAt,
  countsOf,
  dataBytes,
  extrapolateSteps,
  firstBatchSize,
  largestBatchSize,
  memoryModel,
  phaseEstimate,
  runSeconds,
  type PhaseTimes,
} from './arithmetic';

const counts = { train: 200, val: 100, test: 300 };
const head: PhaseTimes = {
  name: 'head',
  epochs: 3,
  compileSeconds: 1,
  stepSeconds: [0.01, 0.03, 0.02],
  evaluationSeconds: 0.1,
  evaluationBatch: 50,
  prefix: { batchSeconds: 0.5, batch: 32, variants: 2, itemBytes: 1000 },
};
const whole: PhaseTimes = {
  name: 'whole',
  epochs: 2,
  compileSeconds: 2,
  stepSeconds: [0.4, 0.6],
  evaluationSeconds: 0.3,
  evaluationBatch: 50,
};

describe('time', () => {
  it('of a phase is compiling, the frozen layers for every picture, and epochs of steps and validation', () => {
    // 200 of 16 are 13 steps of the median 0.02 s; 100 of 50 are 2 evaluations: 0.26 + 0.2 s an epoch.
    // Frozen layers: 2 variants x 7 batches, 4 for validation, 10 for the test: 28 x 0.5 s.
    const found = phaseEstimate(head, counts, 16);
    expect(found).toMatchObject({ name: 'head', stepsPerEpoch: 13, stepSeconds: 0.02, prefixSeconds: 14 });
    expect(found.epochSeconds).toBeCloseTo(0.46, 12);
    expect(found.seconds).toBeCloseTo(1 + 14 + 3 * 0.46, 12);
  });

  it('of a run is that of its phases and of the last score, in a band from its fastest to its slowest steps', () => {
    const { value, low, high } = runSeconds([head, whole], counts, 16);
    // whole: 2 + 2 x (13 x 0.5 + 2 x 0.3); the test: 6 evaluations of 0.3.
    expect(value).toBeCloseTo(16.38 + 16.2 + 1.8, 10);
    // head: 1 + 14 + 3 x (13 x 0.01 + 0.2); whole: 2 + 2 x (13 x 0.4 + 0.6).
    expect(low).toBeCloseTo(0.9 * (15.99 + 13.6 + 1.8), 10);
    // head: 1 + 14 + 3 x (13 x 0.03 + 0.2); whole: 2 + 2 x (13 x 0.6 + 0.6).
    expect(high).toBeCloseTo(1.2 * (16.77 + 18.8 + 1.8), 10);
  });

  it('of the score is that of validation where there is no test', () => {
    const none = { ...counts, test: 0 };
    const withTest = runSeconds([whole], counts, 16).value;
    // 2 evaluations instead of 6.
    expect(withTest - runSeconds([whole], none, 16).value).toBeCloseTo(4 * 0.3, 10);
  });

  it('of steps that were not tried lies on the line through two that were', () => {
    const small = { ...whole, stepSeconds: [0.2] };
    // 0.2 s for 4, 0.5 s for 8: 0.075 s for each more.
    const found = extrapolateSteps(small, whole, [4, 8, 32]).stepSeconds;
    expect(found[0]).toBeCloseTo(0.4 + 24 * 0.075, 12);
    expect(found[1]).toBeCloseTo(0.6 + 24 * 0.075, 12);
  });
});

describe('pictures of each split', () => {
  const items = (label: number, count: number, split?: 'train' | 'val' | 'test') =>
    Array.from({ length: count }, () => ({ file: '', label, ...(split ? { split } : {}) }));
  it('are as given', () => {
    const found = [...items(0, 5, 'train'), ...items(1, 2, 'val'), ...items(1, 3, 'test')];
    expect(countsOf({ found, classNames: ['a', 'b'] }, 0.2)).toEqual({ train: 5, val: 2, test: 3 });
  });
  it('are drawn as a run draws them: at least one of each class, never all', () => {
    // A fifth of 10 is 2, of 3 is 0.6 and so 1, of 1 none.
    const found = [...items(0, 10), ...items(1, 3), ...items(2, 1)];
    expect(countsOf({ found, classNames: ['a', 'b', 'c'] }, 0.2)).toEqual({ train: 11, val: 3, test: 0 });
  });
});

describe('memory', () => {
  it('is a line through two batch sizes', () => {
    const model = memoryModel([
      { batchSize: 16, bytes: 580 },
      { batchSize: 4, bytes: 220 },
    ]);
    // 360 more for 12 pictures: 30 each, and 100 without any.
    expect(model).toEqual({ fixedBytes: 100, bytesPerItem: 30 });
    expect(bytesAt(model, 64)).toBe(2020);
  });
  it('gives the largest batch that fits into nine tenths of what is free', () => {
    const model = { fixedBytes: 100, bytesPerItem: 30 };
    // (900 - 100) / 30 = 26.7
    expect(largestBatchSize(model, 1000, 200)).toBe(26);
    expect(largestBatchSize(model, 1000, 20)).toBe(20);
    expect(largestBatchSize(model, 170, 200)).toBe(undefined);
    expect(largestBatchSize({ fixedBytes: 100, bytesPerItem: 0 }, 1000, 200)).toBe(200);
    expect(largestBatchSize({ fixedBytes: 100, bytesPerItem: 0 }, 100, 200)).toBe(undefined);
  });
  it('that shrinks with a larger batch is chance: it counts as the same', () => {
    const model = memoryModel([
      { batchSize: 4, bytes: 300 },
      { batchSize: 16, bytes: 290 },
    ]);
    expect(model).toEqual({ fixedBytes: 290, bytesPerItem: 0 });
  });
  it('of one batch size may all be the batch’s', () => {
    expect(bytesAt(memoryModel([{ batchSize: 2, bytes: 50 }]), 8)).toBe(200);
  });
  it('of the pictures is twice theirs, while they are loaded, and of the largest phase’s kept features', () => {
    // 2 x 100 x 600 and 1000 x (2 x 200 + 100 + 300)
    expect(dataBytes([head, whole], counts, 100)).toBe(120_000 + 800_000);
  });
  it('is tried with a quarter of the batch first', () => {
    expect([2, 3, 8, 16, 63].map(firstBatchSize)).toEqual([2, 2, 2, 4, 16]);
  });
});
