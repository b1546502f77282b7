import { setImmediate } from 'node:timers/promises';
import type { RunEvent } from '../../protocol/events';
import type { Engine } from '../engine/types';
import type { RunContext } from '../run-context';

/**
 * A training that leaves no run directory: events go to `onEvent`, weights nowhere. Frozen features are kept in the
 * learner's folder as in any run.
 */
export function quietContext(
  engine: Engine,
  folder: string,
  onEvent: (event: RunEvent) => void,
  signal: AbortSignal = new AbortController().signal,
): RunContext {
  return {
    engine,
    runDirectory: folder,
    experimentDirectory: folder,
    signal,
    emit: onEvent,
    saveCheckpoint: () => Promise.resolve(),
    saveBest: () => Promise.resolve(),
    breathe: () => setImmediate(),
  };
}
