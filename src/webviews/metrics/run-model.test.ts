import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../protocol/events';
import { fakeEvents, fakeHistory } from './fake-run';
import {
  appendEvents,
  bestValidation,
  evaluationsOf,
  interruptRun,
  legendNames,
  runFromHistory,
  updateRuns,
} from './run-model';

const SHORT = { epochs: 4, stepsPerEpoch: 5 };
const timed = (event: RunEvent) => ({ event, timeMs: 0 });
const stepsOf = (run: ReturnType<typeof runFromHistory>) => run.state.steps.map(({ step }) => step);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('a run from its events', () => {
  it('is the same at once and in pieces', () => {
    const whole = runFromHistory(fakeHistory(SHORT));
    const events = fakeEvents(SHORT);
    let pieces = runFromHistory({ ...fakeHistory(SHORT), events: events.slice(0, 7) });
    for (const event of events.slice(7)) pieces = appendEvents(pieces, [event]);
    expect(pieces).toEqual(whole);
    expect(whole.state.status).toBe('finished');
  });

  it('has each step once after it was interrupted and resumed from a checkpoint', () => {
    const before = interruptRun(runFromHistory(fakeHistory({ ...SHORT, steps: 13 })));
    expect(before.state.status).toBe('interrupted');
    const after = fakeEvents(SHORT).filter(({ event }) => !('step' in event) || event.step > 10);
    const resumed = appendEvents(before, [
      timed({ type: 'runStarted', runId: 'fake-1', pid: 2, resumedFromStep: 10 }),
      ...after.slice(1),
    ]);
    expect(stepsOf(resumed)).toEqual(upTo(20));
    expect(resumed.state.epochPoints.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    expect(resumed.state.status).toBe('finished');
    expect(resumed.interrupted).toBe(false);
  });

  it('puts the pieces of long predictions together, and replaces them by those of a later epoch', () => {
    const item = (file: string) => ({ file, label: 0, predicted: 1, probability: 0.5, loss: 1 });
    const pieces = (epoch: number, ...files: string[]) =>
      files.map((file) => timed({ type: 'predictions', epoch, items: [item(file)] }));
    const run = runFromHistory({ ...fakeHistory(), events: pieces(1, 'a', 'b', 'c') });
    expect(run.state.predictions.map(({ file }) => file)).toEqual(['a', 'b', 'c']);
    const later = appendEvents(run, pieces(3, 'd', 'e'));
    expect(later.state.predictions.map(({ file }) => file)).toEqual(['d', 'e']);
    const again = appendEvents(later, [
      timed({ type: 'runStarted', runId: 'fake-1', pid: 1 }),
      ...pieces(3, 'd'),
    ]);
    expect(again.state.predictions.map(({ file }) => file)).toEqual(['d']);
  });

  it('counts events of a newer version and goes on', () => {
    const strange = { type: 'somethingNew' } as unknown as RunEvent;
    const run = runFromHistory({ ...fakeHistory(), events: [timed(strange), ...fakeEvents(SHORT)] });
    expect(run.unknownEvents).toBe(1);
    expect(stepsOf(run)).toEqual(upTo(20));
  });

  it('takes the most that any part of a strategy trains', () => {
    const group = (name: string, trainable: boolean) => ({ name, parameters: 100, trainable });
    const phase = (name: string, epoch: number, stem: boolean) =>
      timed({
        type: 'phaseStart',
        name,
        epoch,
        layerGroups: [group('stem', stem), group('head', true)],
      });
    const run = runFromHistory({
      ...fakeHistory(),
      events: [phase('head', 1, false), phase('all', 3, true)],
    });
    expect(run.trainableParameters).toBe(200);
    expect(run.phases).toEqual([
      { name: 'head', epoch: 1 },
      { name: 'all', epoch: 3 },
    ]);
  });
});

it('updates reach the runs that they name', () => {
  const [a, b] = ['a', 'b'].map((runId) => runFromHistory({ ...fakeHistory({ runId }), events: [] }));
  if (!a || !b) throw new Error('two runs');
  const [first, second] = updateRuns(
    [a, b],
    [
      { runId: 'b', events: fakeEvents({ ...SHORT, runId: 'b', steps: 3 }), interrupted: true },
      { runId: 'gone', events: [] },
    ],
  );
  expect(first).toBe(a);
  expect(second && stepsOf(second)).toEqual([1, 2, 3]);
  expect(second?.state.status).toBe('interrupted');
});

it('the evaluations are those of the best epoch and of the test split', () => {
  const { state } = runFromHistory(fakeHistory(SHORT));
  const { val, test } = evaluationsOf(state);
  expect(val?.accuracy).toBe(bestValidation(state));
  expect(test).toBe(state.final);
  expect(evaluationsOf(runFromHistory(fakeHistory({ ...SHORT, steps: 6 })).state).test).toBeUndefined();
});

it('runs of one comparison are told apart by their strategies, others by their titles', () => {
  const run = (experiment: string, title: string) =>
    runFromHistory({
      ...fakeHistory({ runId: title, title }),
      run: { ...fakeHistory().run, runId: title, experiment },
    });
  const names = (...runs: ReturnType<typeof run>[]) => [...legendNames(runs).values()];
  const scratch = run('net', 'net · from-scratch');
  const whole = run('net', 'net · whole-model');
  expect(names(scratch, whole)).toEqual(['from-scratch', 'whole-model']);
  expect(names(scratch)).toEqual(['net · from-scratch']);
  expect(names(scratch, run('other', 'other'))).toEqual(['net · from-scratch', 'other']);
});
