import type { Problem } from './errors';

/** A group of layers as a strategy sees it, from input to output. */
export interface LayerGroupInfo {
  readonly name: string;
  readonly parameters: number;
  readonly trainable: boolean;
  /** Absent where nothing is trained. */
  readonly learningRate?: number;
}

export interface DataInfo {
  readonly name: string;
  readonly classNames: readonly string[];
  readonly counts: { readonly train: number; readonly val: number; readonly test: number };
  /** Pictures left out, each with its reason. */
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

export interface ModelInfo {
  readonly name: string;
  readonly weights: string;
  readonly parameters: number;
  readonly trainableParameters: number;
  readonly layerGroups: readonly LayerGroupInfo[];
}

export interface ClassScore {
  readonly className: string;
  /** Each 0..1. */
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Items of this class. */
  readonly support: number;
}

export interface Evaluation {
  readonly split: 'val' | 'test';
  readonly loss: number;
  /** 0..1 */
  readonly accuracy: number;
  readonly perClass: readonly ClassScore[];
  /** `[truth][prediction]`, counts. */
  readonly confusion: readonly (readonly number[])[];
}

/** One evaluated picture. `file` is absolute. */
export interface Prediction {
  readonly file: string;
  readonly label: number;
  readonly predicted: number;
  /** Probability of the predicted class, 0..1. */
  readonly probability: number;
  /** Cross entropy of the true class, nats: the worst mistakes have the largest. */
  readonly loss: number;
}

/** How long a step took and what is left. */
export interface Pace {
  readonly stepMs: number;
}

export type PreparationPhase =
  'loadingExperiment' | 'loadingData' | 'loadingWeights' | 'compiling' | 'cachingFeatures';

/** Everything that a run tells, in the order in which it happened. One JSON object per line of events.jsonl. */
export type RunEvent =
  | {
      readonly type: 'runStarted';
      readonly runId: string;
      readonly pid: number;
      readonly resumedFromStep?: number;
    }
  | {
      readonly type: 'preparing';
      readonly phase: PreparationPhase;
      readonly done?: number;
      readonly total?: number;
    }
  | {
      readonly type: 'prepared';
      readonly model: ModelInfo;
      readonly data: DataInfo;
      /** In words: "ONNX Runtime 1.30.0, 2 threads". */
      readonly device: string;
      readonly epochs: number;
      readonly stepsPerEpoch: number;
    }
  /** A new part of the strategy begins: what trains changes. */
  | {
      readonly type: 'phaseStart';
      readonly name: string;
      readonly epoch: number;
      readonly layerGroups: readonly LayerGroupInfo[];
    }
  | {
      readonly type: 'stepEnd';
      /** From 1, over the whole run. */
      readonly step: number;
      /** From 1. */
      readonly epoch: number;
      readonly trainLoss: number;
      /** Accuracy on this batch, 0..1. */
      readonly trainAccuracy: number;
      /** The largest rate in use. */
      readonly learningRate: number;
      readonly gradientNorm: number;
      readonly stepMs: number;
    }
  | {
      readonly type: 'epochEnd';
      readonly epoch: number;
      readonly step: number;
      /** Means over the epoch's steps. */
      readonly trainLoss: number;
      readonly trainAccuracy: number;
      readonly val: Evaluation;
      readonly seconds: number;
      /** This epoch's weights are the best so far (by validation accuracy, then loss). */
      readonly best: boolean;
    }
  /** Predictions of the validation set with the best weights so far; replaces earlier ones. */
  | { readonly type: 'predictions'; readonly epoch: number; readonly items: readonly Prediction[] }
  | { readonly type: 'checkpoint'; readonly step: number; readonly directory: string }
  | { readonly type: 'warning'; readonly problem: Problem }
  | { readonly type: 'log'; readonly text: string }
  | { readonly type: 'stopping' }
  | { readonly type: 'failed'; readonly problem: Problem; readonly stack?: string }
  | {
      readonly type: 'done';
      readonly reason: 'finished' | 'stopped';
      readonly steps: number;
      readonly bestEpoch: number;
      /** Of the best weights; on the test split where there is one, else on validation. */
      readonly final?: Evaluation;
      readonly seconds: number;
    };

/** A line of the journal. `crc32` (8 hex digits) is of the line without that field and without the newline. */
export interface JournalRecord {
  /** From 0, without gaps. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  readonly event: RunEvent;
}
