import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEvent } from '../../../src/protocol/events';
import { RUN_FILES, RUNS_FOLDER, type RunFile } from '../../../src/protocol/run-files';
import { encodeRecord } from '../../../src/training/runs/journal-format';
import { api, ownFolder, until } from './help';

const EVENTS = 100_000;

/** A hundredth of the journal. Following takes some 5 µs an event here, so that a task of so many leaves a window awake on any computer. */
const EVENTS_PER_TASK = 1000;

function eventAt(index: number): RunEvent {
  if (index === 0) return { type: 'runStarted', runId: 'long-journal', pid: 1 };
  return {
    type: 'stepEnd',
    step: index,
    epoch: 1 + Math.floor(index / 1000),
    trainLoss: 1 / index,
    trainAccuracy: 0.5,
    learningRate: 0.001,
    gradientNorm: 1,
    stepMs: 12.3,
  };
}

suite('a journal of 100,000 events', () => {
  test('is followed in many short tasks, and the window has a turn after each', async function () {
    const folder = await ownFolder('journal');
    const directory = join(folder, RUNS_FOLDER, '20260101-000000-long-abcd');
    await mkdir(directory, { recursive: true });
    const lines = Array.from({ length: EVENTS }, (_, seq) =>
      encodeRecord({ seq, timeMs: seq, event: eventAt(seq) }),
    );
    await writeFile(join(directory, RUN_FILES.events), Buffer.concat(lines));
    const run: RunFile = {
      version: 1,
      runId: 'long-journal',
      createdAt: '2026-01-01T00:00:00.000Z',
      file: join(folder, 'experiment.ts'),
      experiment: 'long',
      line: 1,
      source: '',
      versions: { transferLab: 'test', node: process.version },
    };
    const { manager } = await api();
    const events = (): number => manager.byId('long-journal')?.state.steps.length ?? 0;
    // No clock: what one turn of the event loop takes is for the benchmark; how much is done in it is counted here.
    let most = 0;
    let before = 0;
    let watching = true;
    const watch = (): void => {
      const now = events();
      most = Math.max(most, now - before);
      before = now;
      if (watching) setImmediate(watch);
    };
    watch();
    await writeFile(join(directory, RUN_FILES.run), JSON.stringify(run));
    await until(() => events() === EVENTS - 1);
    watching = false;
    assert.ok(most > 0 && most <= EVENTS_PER_TASK, `${most} events in one task`);
  });
});
