import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Problem } from '../../protocol/errors';
import type { RunEvent } from '../../protocol/events';
import { RUN_FILES } from '../../protocol/run-files';
import type { Engine } from '../engine/types';
import type { JsonValue, RunContext, TrainingSnapshot } from '../run-context';
import { dropOldCheckpoints, encodeTensors, publishFolder, writeCheckpoint } from './checkpoint';
import { isFull } from './files';
import type { Journal } from './journal';

export interface DiskContextOptions {
  readonly engine: Engine;
  readonly runDirectory: string;
  /** The learner's file. */
  readonly file: string;
  readonly signal: AbortSignal;
  readonly journal: Journal;
  readonly resume?: TrainingSnapshot;
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
    async saveBest(tensors: TrainingSnapshot['tensors'], config: JsonValue) {
      try {
        publishFolder(runDirectory, RUN_FILES.best, {
          'model.safetensors': encodeTensors(tensors),
          'config.json': Buffer.from(`${JSON.stringify(config, null, 2)}\n`),
        });
        told.delete('best-not-saved');
      } catch (error) {
        warnOnce(notSaved('best-not-saved', 'The best weights', error));
      }
      await setImmediate();
    },
    breathe: () => setImmediate(),
  };
}

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
