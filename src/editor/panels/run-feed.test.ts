import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunEvent } from '../../protocol/events';
import type { RunFile } from '../../protocol/run-files';
import { initialRunState, markInterrupted } from '../../protocol/run-state';
import { RunFeed, type FedRun } from './run-feed';

const file: RunFile = {
  version: 1,
  runId: 'a',
  createdAt: '2026-01-15T09:00:00.000Z',
  file: '/x/experiment.ts',
  experiment: 'wholeNetwork',
  line: 3,
  source: '',
  versions: { transferLab: '0.1.0', node: '20.20.0' },
};
const step = (number: number): RunEvent => ({
  type: 'stepEnd',
  step: number,
  epoch: 1,
  trainLoss: 1,
  trainAccuracy: 0.5,
  learningRate: 0.001,
  gradientNorm: 1,
  stepMs: 1,
});

function newRun(runId = 'a') {
  const run = {
    run: { ...file, runId },
    state: initialRunState(runId),
    records: [] as FedRun['records'][number][],
  };
  const train = (from: number, to: number): void => {
    for (let number = from; number <= to; number++) {
      run.records.push({ seq: run.records.length, timeMs: number, event: step(number) });
    }
  };
  return { run, train };
}

describe('RunFeed', () => {
  let runs: FedRun[];
  let sent: { name: string; atMs: number; steps: number[]; length: number }[];
  let feed: RunFeed;

  const keep = (name: string, updates: readonly { events: readonly { event: RunEvent }[] }[]): void => {
    const steps = updates.flatMap(({ events }) =>
      events.flatMap(({ event }) => ('step' in event ? [event.step] : [])),
    );
    sent.push({ name, atMs: Date.now(), steps, length: JSON.stringify(updates).length });
  };

  beforeEach(() => {
    vi.useFakeTimers();
    sent = [];
    feed = new RunFeed(
      { history: (histories) => keep('history', histories), append: (updates) => keep('append', updates) },
      () => runs,
      ({ experiment }) => experiment,
    );
  });
  afterEach(() => {
    feed.stop();
    vi.useRealTimers();
  });

  it('sends the history, then what is new, each step once', () => {
    const { run, train } = newRun();
    runs = [run];
    train(1, 3);
    feed.start();
    train(4, 5);
    feed.changed();
    train(6, 6);
    feed.changed();
    vi.runAllTimers();
    expect(sent.map(({ name, steps }) => [name, steps])).toEqual([
      ['history', []],
      ['append', [1, 2, 3]],
      ['append', [4, 5, 6]],
    ]);
  });

  it('sends at most ten messages a second, of at most 64 KB, however fast a run is', () => {
    const { run, train } = newRun();
    runs = [run];
    feed.start();
    for (let tick = 0; tick < 100; tick++) {
      train(tick * 100 + 1, tick * 100 + 100); // 10,000 steps a second
      feed.changed();
      vi.advanceTimersByTime(10);
    }
    const inOneSecond = sent.length;
    expect(inOneSecond).toBeLessThanOrEqual(10);
    vi.runAllTimers();
    expect(sent.flatMap(({ steps }) => steps)).toEqual(
      Array.from({ length: 10_000 }, (_, index) => index + 1),
    );
    for (const { length } of sent) expect(length).toBeLessThan(64 * 1024);
    const gaps = sent.slice(2).map(({ atMs }, index) => atMs - (sent[index + 1]?.atMs ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100);
  });

  it('sends nothing after it was stopped, and everything when it starts again', () => {
    const { run, train } = newRun();
    runs = [run];
    train(1, 2);
    feed.start();
    feed.changed();
    feed.stop();
    sent.length = 0;
    train(3, 4);
    vi.runAllTimers();
    expect(sent).toEqual([]);
    feed.start();
    expect(sent.flatMap(({ steps }) => steps)).toEqual([1, 2, 3, 4]);
  });

  it('draws a resumed run anew, once its records are read', () => {
    const { run, train } = newRun();
    runs = [run];
    train(1, 4);
    feed.start();
    sent.length = 0;
    const resumed = newRun();
    runs = [resumed.run];
    feed.changed();
    vi.runAllTimers();
    expect(sent).toEqual([]);
    resumed.train(1, 6);
    feed.changed();
    vi.runAllTimers();
    expect(sent.map(({ name }) => name)).toEqual(['history', 'append']);
    expect(sent.flatMap(({ steps }) => steps)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('waits for the records of a run of which the end alone has been read', () => {
    const { run, train } = newRun();
    run.state = { ...run.state, status: 'finished' };
    runs = [run];
    feed.start();
    expect(sent).toEqual([]);
    train(1, 2);
    feed.changed();
    vi.runAllTimers();
    expect(sent.flatMap(({ steps }) => steps)).toEqual([1, 2]);
  });

  it('tells once that a run is interrupted', () => {
    const { run } = newRun();
    const told: unknown[] = [];
    runs = [run];
    feed = new RunFeed(
      { history: () => undefined, append: (updates) => told.push(...updates) },
      () => runs,
      () => '',
    );
    feed.start();
    run.state = markInterrupted(run.state);
    feed.changed();
    vi.runAllTimers();
    feed.changed();
    vi.runAllTimers();
    expect(told).toEqual([{ runId: 'a', events: [], interrupted: true }]);
  });
});
