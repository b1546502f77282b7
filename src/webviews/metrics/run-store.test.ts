import { describe, expect, it } from 'vitest';
import { fakeEvents, fakeHistory } from './fake-run';
import { RunStore } from './run-store';

const events = fakeEvents({ epochs: 1, stepsPerEpoch: 6 });
const history = { ...fakeHistory(), events: [] };

describe('RunStore', () => {
  it('keeps the runs that are drawn until a history in parts is whole', () => {
    const store = new RunStore();
    expect(store.begin([{ ...fakeHistory({ runId: 'old' }) }], 'old', 0)).toBe(true);
    expect(store.begin([history], 'fake-1', 2)).toBe(false);
    expect(store.update([{ runId: 'fake-1', events: events.slice(0, 9) }])).toBe(false);
    expect(store.runs[0]?.state.runId).toBe('old');
    expect(store.update([{ runId: 'fake-1', events: events.slice(9) }])).toBe(true);
    expect(store.runs[0]?.state.steps.length).toBe(6);
    expect(store.named).toBe('fake-1');
  });

  it('adds what comes after the history', () => {
    const store = new RunStore();
    store.begin([{ ...history, events: events.slice(0, 8) }], 'fake-1', 0);
    const before = store.runs;
    store.update([{ runId: 'fake-1', events: events.slice(8) }]);
    expect(store.runs).not.toBe(before);
    expect(store.runs[0]?.state.steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('forgets half a history when another begins', () => {
    const store = new RunStore();
    store.begin([history], 'fake-1', 2);
    store.update([{ runId: 'fake-1', events }]);
    expect(store.begin([{ ...history, events }], 'fake-1', 0)).toBe(true);
    expect(store.runs[0]?.state.steps.length).toBe(6);
  });
});
