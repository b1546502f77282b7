import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Problem } from '../../protocol/errors';
import type { RunEvent } from '../../protocol/events';
import { RUN_FILES } from '../../protocol/run-files';
import type { Engine } from '../engine/types';
import type { JsonValue, RunContext, TrainingSnapshot } from '../run-context';
import type { SharedWork } from '../shared-work';
import { dropOldCheckpoints, encodeTensors, publishFolder, writeCheckpoint } from './checkpoint';
import { isFull } from './files';
import { ROOM_WAIT_MS, untilRoom } from './until-room';
import type { Journal } from './journal';

export interface DiskContextOptions {
  readonly engine: Engine;
  readonly runDirectory: string;
  /** The learner's file. */
  readonly file: string;
  readonly signal: AbortSignal;
  readonly journal: Journal;
  readonly resume?: TrainingSnapshot;
  readonly shared?: SharedWork;
  /** How long a full disk is waited for; for tests. */
  readonly roomWaitMs?: number;
}

/** A run whose events, checkpoints and best weights are kept in its run directory. */
export function diskContext(options: DiskContextOptions): RunContext {
  const { journal, runDirectory } = options;
  const told = new Set<string>();
  const emit = (event: RunEvent): void => {
    journal.append(event);
    if (event.type === 'done' || event.type === 'failed') journal.flush();
  };
  const warnOnce = (problem: Problem): void => {
    if (told.has(problem.code)) return;
    told.add(problem.code);
    emit({ type: 'warning', problem });
  };
  return {
    engine: options.engine,
    runDirectory,
    experimentDirectory: dirname(options.file),
    signal: options.signal,
    ...(options.resume ? { resume: options.resume } : {}),
    ...(options.shared ? { shared: options.shared } : {}),
    emit,
    async saveCheckpoint(snapshot) {
      const folder = join(runDirectory, RUN_FILES.checkpoints);
      try {
        const directory = writeCheckpoint(folder, snapshot);
        emit({ type: 'checkpoint', step: snapshot.step, directory });
        journal.flush();
        dropOldCheckpoints(folder);
        told.delete('checkpoint-not-saved');
      } catch (error) {
        warnOnce(notSaved('checkpoint-not-saved', 'The checkpoint', error));
      }
      await setImmediate();
    },
    async saveBest(tensors, config: JsonValue, files = {}) {
      const contents = {
        'model.safetensors': encodeTensors(tensors),
        'config.json': Buffer.from(`${JSON.stringify(config, null, 2)}\n`),
        ...Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])),
      };
      const save = (): boolean => {
        try {
          publishFolder(runDirectory, RUN_FILES.best, contents);
        } catch (error) {
          if (isFull(error)) warnOnce(waitsForRoom('The best weights'));
          else warnOnce(notSaved('best-not-saved', 'The best weights', error));
          return !isFull(error);
        }
        return true;
      };
      await untilRoom(save, options.roomWaitMs);
      await setImmediate();
    },
    breathe: () => setImmediate(),
  };
}

/** They are all that a run was for, so the process holds them until there is room. */
const waitsForRoom = (what: string): Problem => ({
  code: 'best-waits-for-room',
  message: `${what} could not be saved: the disk is full. The run holds them in memory and tries again for ${ROOM_WAIT_MS / 60_000} minutes.`,
  remedy: 'Free some space: the run then ends by itself.',
});

function notSaved(code: string, what: string, error: unknown): Problem {
  const reason = error instanceof Error ? error.message : String(error);
  return isFull(error)
    ? {
        code,
        message: `${what} could not be saved: the disk is full. Training goes on; what was saved before is whole.`,
        remedy: 'Free some space; the next one is saved as soon as there is room.',
      }
    : {
        code,
        message: `${what} could not be saved: ${reason}. Training goes on; what was saved before is whole.`,
        remedy: 'Check that the run folder can be written to.',
      };
}
