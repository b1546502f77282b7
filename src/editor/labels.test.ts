import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../protocol/events';
import { initialRunState, markInterrupted, reduceRun } from '../protocol/run-state';
import { duration, progressText, runTitle } from './labels';

const step = (number: number): RunEvent => ({
  type: 'stepEnd',
  step: number,
  epoch: 1,
  trainLoss: 0.5,
  trainAccuracy: 1,
  learningRate: 0.001,
  gradientNorm: 1,
  stepMs: 1000,
});
const prepared: RunEvent = {
  type: 'prepared',
  model: { name: 'a', weights: 'none', parameters: 1, trainableParameters: 1, layerGroups: [] },
  data: { name: 'a', classNames: [], counts: { train: 1, val: 1, test: 1 }, skipped: [] },
  device: 'CPU',
  epochs: 2,
  stepsPerEpoch: 5,
};
const after = (...events: RunEvent[]) =>
  events.reduce((state, event) => reduceRun(state, event), initialRunState('a'));

describe('labels of runs', () => {
  it('names the strategy only in a comparison', () => {
    expect(runTitle({ experiment: 'whole' })).toBe('whole');
    expect(runTitle({ experiment: 'whole', strategy: 'from-scratch' })).toBe('whole · from-scratch');
  });
  it('says seconds below a minute, then minutes, then hours', () => {
    expect([59_000, 61_000, 13_000_000].map(duration)).toEqual(['59 s', '1 min 1 s', '3 h 36 min']);
  });
  it('says in words what is being prepared, and how far it is', () => {
    const state = after({ type: 'preparing', phase: 'cachingFeatures', done: 20, total: 200 });
    expect(progressText(state)).toBe('preparing: running the frozen layers once 20/200');
  });
  it('says how much of a download is there, and how long it still takes or what it waits for', () => {
    const bytes = (done: number, waiting?: string): RunEvent => ({
      type: 'preparing',
      phase: 'downloadingWeights',
      done,
      total: 46_800_000,
      ...(waiting === undefined ? {} : { waiting }),
    });
    const first = reduceRun(initialRunState('a'), bytes(10_000_000), 0);
    // 2 MB in a second, 34.8 MB more.
    const second = reduceRun(first, bytes(12_000_000), 1000);
    expect(progressText(second)).toBe('preparing: downloading the weights, 12.0 of 46.8 MB, 17 s left');
    expect(progressText(reduceRun(second, bytes(12_000_000, 'the server is busy'), 2000))).toBe(
      'preparing: downloading the weights, 12.0 of 46.8 MB, the server is busy',
    );
  });
  it('says epoch, loss and the time that is left: here 7 of 10 steps of a second each', () => {
    expect(progressText(after(prepared, step(1), step(2), step(3)))).toBe('epoch 1/2, loss 0.500, 7 s left');
  });
  it('says that a run is preparing again after it was resumed', () => {
    const resumed = after(prepared, step(1), { type: 'runStarted', runId: 'a', pid: 1, resumedFromStep: 1 });
    expect(progressText(resumed)).toBe('preparing');
  });
  it('says that a run was interrupted', () => {
    expect(progressText(markInterrupted(initialRunState('a')))).toBe('interrupted');
  });
});
