import type { RunEvent } from '../protocol/events';
import type { DataType, Engine, TensorData } from './engine/types';
import type { SharedWork } from './shared-work';

export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export interface SnapshotTensor {
  readonly shape: readonly number[];
  readonly dtype: DataType;
  readonly data: TensorData;
}

/** All that is needed to go on bit for bit on the same provider: weights, BatchNorm statistics, optimizer slots, positions. */
export interface TrainingSnapshot {
  /** Steps finished. */
  readonly step: number;
  readonly tensors: Readonly<Record<string, SnapshotTensor>>;
  /** Epoch, place in the shuffled order, schedule, best score so far, fingerprints of code and data. */
  readonly meta: JsonValue;
}

/** What a training loop needs from the world around it. The run process gives the real one; tests give an in-memory one. */
export interface RunContext {
  readonly engine: Engine;
  readonly runDirectory: string;
  /** Paths in an experiment are relative to this folder: the one of the learner's file. */
  readonly experimentDirectory: string;
  /** Aborted: finish the step in hand, keep the best weights, emit `done` with reason 'stopped'. */
  readonly signal: AbortSignal;
  /** Absent or a snapshot to go on from. */
  readonly resume?: TrainingSnapshot;
  /** Absent where this run is the only one of its process. */
  readonly shared?: SharedWork;
  /** Appended to the journal before the call returns; flushed to the disk within a second, and at checkpoints and ends. */
  emit(event: RunEvent): void;
  /** Published by rename; the newest two are kept. Emits `checkpoint`. */
  saveCheckpoint(snapshot: TrainingSnapshot): Promise<void>;
  /** `best/model.safetensors`, `best/config.json` and further files by name, published by rename. */
  saveBest(
    tensors: TrainingSnapshot['tensors'],
    config: JsonValue,
    files?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** Lets timers and the control socket run; awaited between steps. */
  breathe(): Promise<void>;
}
