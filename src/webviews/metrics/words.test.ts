import { describe, expect, it } from 'vitest';
import type { PreparationPhase } from '../../protocol/events';
import type { RunStatus } from '../../protocol/run-state';
import { fakeHistory } from './fake-run';
import { runFromHistory } from './run-model';
import { announcement, headerFacts, heardOf, statusSentence } from './words';

const stateAfter = (steps: number) =>
  runFromHistory(fakeHistory({ epochs: 3, stepsPerEpoch: 10, steps })).state;

describe('what a screen reader hears', () => {
  it('is silent between epochs', () => {
    expect(announcement(heardOf(stateAfter(11)), stateAfter(15))).toBeUndefined();
  });
  it('is the end of an epoch, in one sentence', () => {
    const text = announcement(heardOf(stateAfter(15)), stateAfter(20));
    expect(text).toMatch(
      /^Epoch 2 of 3: validation loss \d\.\d{3}, accuracy \d+\.\d %(, the best so far)?\.$/,
    );
  });
  it('is the last of several epochs that came at once', () => {
    expect(announcement(heardOf(stateAfter(5)), stateAfter(25))).toMatch(/^Epoch 2 of 3/);
  });
  it('begins with the new status where that changed', () => {
    expect(announcement(heardOf(stateAfter(25)), stateAfter(30))).toMatch(/^Finished\. Epoch 3 of 3/);
  });
  it('says nothing of the past of a run that comes into focus', () => {
    expect(announcement(undefined, stateAfter(20))).toBeUndefined();
    expect(announcement({ ...heardOf(stateAfter(5)), runId: 'another' }, stateAfter(20))).toBeUndefined();
  });
});

describe('the header', () => {
  it('tells the epoch, what is left and the best validation while it trains', () => {
    const facts = headerFacts(stateAfter(25));
    expect(facts.map(({ name }) => name)).toEqual([
      'Epoch',
      'Time left',
      'Training loss',
      'Validation loss',
      'Validation accuracy',
    ]);
    expect(facts[0]?.value).toBe('3 of 3');
    expect(facts.at(-1)?.note).toMatch(/^best \d+\.\d %, epoch [12]$/);
  });
  it('tells the time it took and the test accuracy at the end', () => {
    expect(headerFacts(stateAfter(30)).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Took', 'Test accuracy']),
    );
  });
  it.each<RunStatus>(['starting', 'preparing', 'stopping', 'finished', 'stopped', 'failed', 'interrupted'])(
    'says what is going on when a run is %s',
    (status) => {
      expect(statusSentence({ ...stateAfter(5), status })).toMatch(/^[A-Z].*\.$/);
    },
  );
  it('names the phase of the preparation and the next one', () => {
    const { state } = runFromHistory({
      ...fakeHistory(),
      events: [{ event: { type: 'preparing', phase: 'loadingData', done: 5, total: 20 }, timeMs: 0 }],
    });
    expect(statusSentence(state)).toBe('Now: load the data (5 of 20). Next: load the pretrained weights.');
  });

  // A phase that the protocol gains is missing here, and the type check says so.
  const PHASES: Readonly<Record<PreparationPhase, string>> = {
    loadingExperiment: 'Now: read your experiment. Next: load the data.',
    loadingData: 'Now: load the data. Next: load the pretrained weights.',
    downloadingWeights: 'Now: download the pretrained weights. Next: load the data.',
    loadingWeights: 'Now: load the pretrained weights. Next: compile the training step.',
    compiling: 'Now: compile the training step. Next: run the frozen layers once over the data.',
    cachingFeatures: 'Now: run the frozen layers once over the data. Next: train.',
  };
  it.each(Object.entries(PHASES))('has words for the phase %s', (name, sentence) => {
    const phase = { name: name as PreparationPhase };
    expect(statusSentence({ ...stateAfter(0), status: 'preparing', phase })).toBe(sentence);
  });
  it('says how much of a download is there, in megabytes', () => {
    const phase = { name: 'downloadingWeights', done: 12_000_000, total: 46_800_000 } as const;
    expect(statusSentence({ ...stateAfter(0), status: 'preparing', phase })).toContain('(12.0 of 46.8 MB)');
  });
  it('says how long a download still takes, or what it waits for', () => {
    const phase = {
      name: 'downloadingWeights',
      done: 12e6,
      total: 46.8e6,
      began: { done: 10e6, timeMs: 0 },
    } as const;
    const state = { ...stateAfter(0), status: 'preparing', phase, lastEventMs: 1000 } as const;
    // 34.8 MB at 2 MB/s, rounded up.
    expect(statusSentence(state)).toContain('(12.0 of 46.8 MB, about 18 s left)');
    const waiting = { ...phase, waiting: 'another process is downloading this file' };
    expect(statusSentence({ ...state, phase: waiting })).toContain(
      '(12.0 of 46.8 MB; another process is downloading this file)',
    );
  });
  it('says of a run that was stopped before its first step that nothing of a download is lost', () => {
    expect(statusSentence({ ...stateAfter(0), status: 'stopped', steps: [] })).toBe(
      'Stopped before the first step. Resume begins again; what was downloaded is kept.',
    );
  });
});
