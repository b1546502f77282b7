import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { RUN_FILES, type RunFile } from '../src/protocol/run-files';
import { initialRunState, reduceRun } from '../src/protocol/run-state';
import { encodeRecord } from '../src/training/runs/journal-format';
import { followRun } from '../src/training/runs/run-reader';
import { type Piece, round, stopwatch } from './piece';

const EVENTS = 100_000;
const TARGET_MS = 50;

/** A run of 100,000 steps that is over, read as the editor reads it: in how many turns of the event loop, and how long the longest is. */
export const longJournal: Piece = {
  name: 'long-journal',
  summary: 'following a journal of 100,000 events: the longest task',
  async measure() {
    const directory = await mkdtemp(join(tmpdir(), 'transfer-lab-bench-'));
    try {
      const lines = Array.from({ length: EVENTS - 1 }, (_, seq) =>
        encodeRecord({
          seq,
          timeMs: seq,
          event: {
            type: 'stepEnd',
            step: seq + 1,
            epoch: 1 + Math.floor(seq / 1000),
            trainLoss: 1 / (seq + 1),
            trainAccuracy: 0.5,
            learningRate: 0.001,
            gradientNorm: 1,
            stepMs: 12.3,
          },
        }),
      );
      const end = { type: 'done', reason: 'finished', steps: EVENTS - 1, bestEpoch: 1, seconds: 1 } as const;
      lines.push(encodeRecord({ seq: EVENTS - 1, timeMs: EVENTS - 1, event: end }));
      await writeFile(join(directory, RUN_FILES.events), Buffer.concat(lines));
      const run: RunFile = {
        version: 1,
        runId: 'long-journal',
        createdAt: new Date(0).toISOString(),
        file: join(directory, 'experiment.ts'),
        experiment: 'long',
        line: 1,
        source: '',
        versions: { transferLab: 'benchmark', node: process.version },
      };
      await writeFile(join(directory, RUN_FILES.run), JSON.stringify(run));
      return await follow(directory);
    } finally {
      await rm(directory, { recursive: true });
    }
  },
};

async function follow(directory: string): Promise<Awaited<ReturnType<Piece['measure']>>> {
  let state = initialRunState('long-journal');
  let tasks = 0;
  let longestMs = 0;
  const all = stopwatch();
  const follower = followRun(directory, {
    onRecords: (records) => {
      const task = stopwatch();
      for (const { event, timeMs } of records) state = reduceRun(state, event, timeMs);
      longestMs = Math.max(longestMs, task().wallMs);
    },
  });
  let over = false;
  void follower.ended.then(() => (over = true));
  let since = performance.now();
  while (!over) {
    await turn();
    const now = performance.now();
    longestMs = Math.max(longestMs, now - since);
    since = now;
    tasks++;
  }
  const { wallMs, cpuMs } = all();
  return {
    events: EVENTS,
    status: state.status,
    turns: tasks,
    longestMs: round(longestMs, 1),
    wallMs: round(wallMs),
    cpuMs: round(cpuMs),
    targetLongestMs: TARGET_MS,
  };
}
