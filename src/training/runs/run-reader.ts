import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalRecord } from '../../protocol/events';
import { RUN_FILES } from '../../protocol/run-files';
import type { RunFile } from '../../protocol/run-files';
import { initialRunState, isOver, markInterrupted, reduceRun } from '../../protocol/run-state';
import type { RunState } from '../../protocol/run-state';
import { isGone, livenessOf, STARTING_MS } from './control-client';
import type { Liveness } from './control-client';
import { readControlFile } from './control-file';
import { JournalTail } from './journal-reader';
import type { JournalDamage } from './journal-reader';
import { listRunDirectories, readPlacedRun } from './run-directory';

/** A run as its directory tells it at one moment. */
export interface RunSnapshot {
  readonly directory: string;
  readonly run: RunFile;
  readonly state: RunState;
  readonly records: readonly JournalRecord[];
  /** Lines of the journal that cannot be read; everything else is there. */
  readonly damage: readonly JournalDamage[];
}

/** @throws {LearnerError} 'not-a-run' */
export async function readRun(directory: string): Promise<RunSnapshot> {
  const { run, move } = await readPlacedRun(directory);
  const tail = new JournalTail(join(directory, RUN_FILES.events), move);
  const first = await tail.read();
  const over = isOver(stateOf(run.runId, first.records));
  const gone = !over && (await isGone(directory));
  // It may have ended in the meantime: what it said last counts.
  const rest = gone ? await tail.read() : { records: [], damage: [] };
  const records = [...first.records, ...rest.records];
  const state = stateOf(run.runId, records);
  return {
    directory,
    run,
    records,
    state: gone ? markInterrupted(state) : state,
    damage: [...first.damage, ...rest.damage],
  };
}

export function stateOf(runId: string, records: readonly JournalRecord[]): RunState {
  return records.reduce(
    (state, { event, timeMs }) => reduceRun(state, event, timeMs),
    initialRunState(runId),
  );
}

/** All runs of a learner's folder, newest first. Folders that are no runs are left out. */
export async function listRuns(folder: string): Promise<RunSnapshot[]> {
  const directories = await listRunDirectories(folder);
  const runs = await Promise.allSettled(directories.map((directory) => readRun(directory)));
  return runs.flatMap((run) => (run.status === 'fulfilled' ? [run.value] : []));
}

export interface FollowListener {
  /** New records, each once and in order; what happened so far comes in several calls, so that none takes long. */
  readonly onRecords: (records: readonly JournalRecord[]) => void;
  readonly onDamage?: (damage: readonly JournalDamage[]) => void;
  /** Called when it changes, while nothing new is written. */
  readonly onLiveness?: (liveness: Liveness) => void;
}

export interface RunFollower {
  /** `over`: the journal has its last word. `interrupted`: the process vanished without one. */
  readonly ended: Promise<'over' | 'interrupted' | 'disposed'>;
  dispose(): void;
}

const POLL_MS = 200;
const QUIET_MS = 2000;

/** Follows a run until it ends. A resumed run needs a new follower. */
export function followRun(
  directory: string,
  listener: FollowListener,
  options: {
    /** The run is being resumed: an end that is already in the journal is not the end. */
    readonly resuming?: boolean;
  } = {},
): RunFollower {
  let tail: JournalTail | undefined;
  const startedMs = Date.now();
  let disposed = false;
  let over = false;
  let lastNewsMs = 0;
  let liveness: Liveness | undefined;
  let wake = (): void => undefined;
  let watcher: FSWatcher | undefined;

  const read = async (): Promise<number> => {
    let count = 0;
    tail ??= new JournalTail(join(directory, RUN_FILES.events), (await readPlacedRun(directory)).move);
    for await (const { records, damage } of tail.chunks()) {
      if (disposed) return 0;
      for (const { event } of records) {
        if (event.type === 'runStarted') over = false;
        else if (event.type === 'done' || event.type === 'failed') over = true;
      }
      count += records.length;
      if (records.length > 0) listener.onRecords(records);
      if (damage.length > 0) listener.onDamage?.(damage);
    }
    return count;
  };

  const follow = async (): Promise<'over' | 'interrupted' | 'disposed'> => {
    let resumed = !options.resuming;
    while (!disposed) {
      const began = Date.now();
      if ((await read()) > 0) lastNewsMs = began;
      resumed ||= !over || (readControlFile(directory) === undefined && began - startedMs > STARTING_MS);
      if (over && resumed) return disposed ? 'disposed' : 'over';
      if (began - lastNewsMs > QUIET_MS && !disposed) {
        const found = await livenessOf(directory);
        if (found !== liveness && !disposed) listener.onLiveness?.(found);
        liveness = found;
        const waiting = options.resuming === true && began - startedMs < STARTING_MS;
        if (found === 'gone' && !waiting && (await isGone(directory))) {
          if ((await read()) > 0) continue;
          return disposed ? 'disposed' : 'interrupted';
        }
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, POLL_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return 'disposed';
  };
  try {
    watcher = watch(directory, (_kind, name) => {
      if (name === null || name === RUN_FILES.events) wake();
    });
    watcher.on('error', () => watcher?.close());
  } catch {
    watcher = undefined; // No watching on this file system: polling alone serves.
  }
  const ended = follow().finally(() => watcher?.close());
  return {
    ended,
    dispose() {
      disposed = true;
      wake();
    },
  };
}

/** The end of what the process printed: says why it died where the journal cannot. */
export async function lastOutput(directory: string, bytes = 4000): Promise<string> {
  try {
    const file = await open(join(directory, RUN_FILES.output), 'r');
    try {
      const { size } = await file.stat();
      const start = Math.max(0, size - bytes);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
      return buffer.subarray(0, bytesRead).toString('utf8');
    } finally {
      await file.close();
    }
  } catch {
    return ''; // A run that printed nothing has no such file.
  }
}
