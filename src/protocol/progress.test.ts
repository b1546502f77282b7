import { describe, expect, it } from 'vitest';
import type { RunEvent } from './events';
import { downloadProgress } from './progress';
import { initialRunState, reduceRun, type RunState } from './run-state';

const started: RunEvent = { type: 'runStarted', runId: 'a', pid: 1 };
const bytes = (done: number): RunEvent => ({
  type: 'preparing',
  phase: 'downloadingWeights',
  done,
  total: 46_800_000,
});
/** Each event a second after the one before it. */
const after = (...events: RunEvent[]): RunState =>
  events.reduce((state, event, index) => reduceRun(state, event, index * 1000), initialRunState('a'));
const progressAfter = (...events: RunEvent[]) => {
  const { phase, lastEventMs } = after(...events);
  return downloadProgress(phase, lastEventMs);
};

describe('the progress of a download', () => {
  it('counts decimal megabytes, as disks and data plans do', () => {
    expect(progressAfter(bytes(12_000_000))).toEqual({ doneMb: '12.0', totalMb: '46.8' });
  });

  it('tells the time left from the pace of this attempt: what an earlier one left does not count', () => {
    // 4 MB in 2 s after 20 MB that were there: 22.8 MB more at 2 MB/s.
    const { remainingMs } = progressAfter(bytes(20e6), bytes(22e6), bytes(24e6)) ?? {};
    expect(remainingMs).toBeCloseTo(11_400, 6);
  });

  it('knows no pace while nothing has come', () => {
    expect(progressAfter(bytes(20e6), bytes(20e6))?.remainingMs).toBeUndefined();
  });

  it('is none of other preparations, nor of a size that is not known', () => {
    expect(progressAfter({ type: 'preparing', phase: 'loadingData', done: 1, total: 2 })).toBeUndefined();
    expect(progressAfter({ type: 'preparing', phase: 'downloadingWeights' })).toBeUndefined();
  });
});

describe('a run that goes on', () => {
  it('has left its problem behind, and the pace of what it was doing', () => {
    const problem = { code: 'download-needed', message: 'm', remedy: 'r' };
    const failed = after(started, bytes(1), { type: 'failed', problem });
    expect(failed.problem).toEqual(problem);
    const again = reduceRun(failed, { ...started, resumedFromStep: 0 }, 9000);
    expect(again).toMatchObject({ status: 'preparing' });
    expect(again).not.toHaveProperty('problem');
    expect(again).not.toHaveProperty('phase');
  });
});
