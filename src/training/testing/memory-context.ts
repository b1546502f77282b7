import { setImmediate } from 'node:timers/promises';
import type { RunEvent } from '../../protocol/events';
import type { Engine } from '../engine/types';
import type { JsonValue, RunContext, TrainingSnapshot } from '../run-context';
import type { SharedWork } from '../shared-work';

/** A run without a run directory: events, checkpoints and best weights stay in memory. */
export interface MemoryContext extends RunContext {
  readonly events: RunEvent[];
  readonly snapshots: TrainingSnapshot[];
  best?: {
    readonly tensors: TrainingSnapshot['tensors'];
    readonly config: JsonValue;
    readonly files?: Readonly<Record<string, string>>;
  };
  /** As if the learner pressed stop. */
  stop(): void;
}

export interface MemoryOptions {
  /** Called with each event as it happens. */
  readonly onEvent?: (event: RunEvent, context: MemoryContext) => void;
  readonly resume?: TrainingSnapshot;
  readonly shared?: SharedWork;
}

export function memoryContext(engine: Engine, folder: string, options: MemoryOptions = {}): MemoryContext {
  const controller = new AbortController();
  const context: MemoryContext = {
    engine,
    runDirectory: folder,
    experimentDirectory: folder,
    signal: controller.signal,
    ...(options.resume ? { resume: options.resume } : {}),
    ...(options.shared ? { shared: options.shared } : {}),
    events: [],
    snapshots: [],
    stop: () => controller.abort(),
    emit(event) {
      context.events.push(event);
      options.onEvent?.(event, context);
    },
    saveCheckpoint(snapshot) {
      context.snapshots.push(structuredClone(snapshot));
      return Promise.resolve();
    },
    saveBest(tensors, config, files = {}) {
      context.best = { tensors: structuredClone(tensors), config, files };
      return Promise.resolve();
    },
    breathe: () => setImmediate(),
  };
  return context;
}
