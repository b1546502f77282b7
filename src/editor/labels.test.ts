import { describe, expect, it } from 'vitest';
import { initialRunState, markInterrupted, reduceRun } from '../protocol/run-state';
import { duration, progressText, runTitle } from './labels';

describe('labels of runs', () => {
  it('names the strategy only in a comparison', () => {
    expect(runTitle({ experiment: 'whole' })).toBe('whole');
    expect(runTitle({ experiment: 'whole', strategy: 'from-scratch' })).toBe('whole · from-scratch');
  });
  it('says seconds below a minute, minutes above', () => {
    expect([duration(59_000), duration(61_000)]).toEqual(['59 s', '1 min 1 s']);
  });
  it('says the phase while preparing, in words', () => {
    const state = reduceRun(initialRunState('a'), { type: 'preparing', phase: 'loadingData' });
    expect(progressText(state)).toBe('preparing (loading data)');
  });
  it('says that a run was interrupted', () => {
    expect(progressText(markInterrupted(initialRunState('a')))).toBe('interrupted');
  });
});
