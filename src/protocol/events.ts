import type { DataReport } from './data-report';
import type { Problem } from './errors';
import type { RunEstimate } from './estimate';
import type { RatePoint, RateTestPlan, RateTestResult } from './rate-test';

/** A group of layers as a strategy sees it, from input to output. */
export interface LayerGroupInfo {
  readonly name: string;
  readonly parameters: number;
  /** Something in it trains. */
  readonly trainable: boolean;
  /** Before the schedule. Absent where nothing is trained. */
  readonly learningRate?: number;
  /** Of `parameters`, those that train, where it is neither all nor none. */
  readonly trainedParameters?: number;
  /** Numbers of BatchNorm's running statistics, which no gradient reaches. Journals of earlier versions lack this and what follows. */
  readonly buffers?: number;
  /** Absent where the group has no BatchNorm. */
  readonly batchNorm?: BatchNormState;
  /** It is frozen, as is all before it: it runs once for each picture, and what it puts out is kept. */
  readonly cached?: boolean;
}

/** What the BatchNorm layers of a group do. */
export interface BatchNormState {
  /** 'train': each batch's own mean and variance, and the running ones move. 'eval': the running ones, which stay. */
  readonly mode: 'train' | 'eval';
  /** Their scale and shift train. */
  readonly affine: boolean;
}

/** How far a layer group is from where it began. */
export interface GroupDistance {
  readonly name: string;
  /** ‖w − w0‖ / ‖w0‖ over all its parameters (L2); the statistics of BatchNorm do not count. */
  readonly relativeChange: number;
}

export interface DataInfo {
  readonly name: string;
  /** Default, and in journals of earlier versions: pictures. */
  readonly items?: 'pictures' | 'texts';
  readonly classNames: readonly string[];
  readonly counts: { readonly train: number; readonly val: number; readonly test: number };
  /** Pictures or texts left out, each with its reason. */
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
  readonly report?: DataReport;
}

export interface ModelInfo {
  readonly name: string;
  readonly weights: string;
  readonly parameters: number;
  readonly trainableParameters: number;
  readonly layerGroups: readonly LayerGroupInfo[];
  /** What happens to every picture before the network sees it, and where that is written; in words. */
  readonly preprocessing?: string;
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

export interface CalibrationBin {
  /** Of the predicted class's probability; the bin holds lower < p <= upper. */
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
  /** Mean probability of its pictures; 0 where it has none. */
  readonly confidence: number;
  /** Share of them that is right; 0 where it has none. */
  readonly accuracy: number;
}

export interface Calibration {
  readonly bins: readonly CalibrationBin[];
  /** Mean of |confidence − accuracy|, weighted by count; 0..1. */
  readonly expectedCalibrationError: number;
}

export interface Evaluation {
  readonly split: 'val' | 'test';
  readonly loss: number;
  /** 0..1 */
  readonly accuracy: number;
  readonly perClass: readonly ClassScore[];
  /** `[truth][prediction]`, counts. */
  readonly confusion: readonly (readonly number[])[];
  /** Share whose true class is among the k most likely; with five classes or more, k is 5. */
  readonly topK?: { readonly k: number; readonly accuracy: number };
  /** Mean F1 of the classes: each counts the same, however many pictures it has. */
  readonly macroF1?: number;
  readonly calibration?: Calibration;
  /** Of tagged texts with IOB2 tags: entities found whole, with the right type. Accuracy and classes are those of words. */
  readonly entities?: {
    readonly precision: number;
    readonly recall: number;
    readonly f1: number;
    readonly perType: readonly ClassScore[];
  };
}

/** One evaluated picture or text. */
export interface Prediction {
  /** Absolute; FILE:LINE where a file has many texts. */
  readonly file: string;
  /** Where it is a text: its beginning. */
  readonly text?: string;
  readonly label: number;
  readonly predicted: number;
  /** Probability of the predicted class, 0..1. */
  readonly probability: number;
  /** Cross entropy of the true class, nats: the worst mistakes have the largest. */
  readonly loss: number;
}

/** Why a run ended before its last epoch. */
export interface EarlyStop {
  /** The last epoch that was run, from 1. */
  readonly epoch: number;
  readonly monitor: 'valLoss' | 'valAccuracy';
  /** Epochs without improvement that were waited for. */
  readonly patience: number;
}

/** How texts are put together in rows. */
export interface RowShapes {
  /** Lengths that rows are filled up to. Each is a graph of its own. */
  readonly lengths: number;
  /** Tokens that only fill rows up, of all that are computed in an epoch, 0..1. */
  readonly paddingShare: number;
}

/** How long a step took and what is left. */
export interface Pace {
  readonly stepMs: number;
}

export type PreparationPhase =
  | 'loadingExperiment'
  | 'loadingData'
  | 'loadingWeights'
  | 'downloadingWeights'
  | 'compiling'
  | 'cachingFeatures';

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
      /** Why nothing comes at the moment: "huggingface.co is busy (status 429): next attempt in 20 s". */
      readonly waiting?: string;
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
  /** What was reckoned for these settings before the run. */
  | { readonly type: 'estimate'; readonly estimate: RunEstimate }
  /** A new part of the strategy begins: what trains changes. */
  | {
      readonly type: 'phaseStart';
      readonly name: string;
      readonly epoch: number;
      readonly layerGroups: readonly LayerGroupInfo[];
      /** How the rates change within the part: 'cosine'. */
      readonly schedule?: string;
      /** Absent where no rows are filled up: pictures, and one kept vector for each text. */
      readonly rows?: RowShapes;
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
  /** After each epoch: how far the weights have come, group by group from input to output. */
  | { readonly type: 'layersMoved'; readonly epoch: number; readonly groups: readonly GroupDistance[] }
  /** Predictions of the validation set with the best weights so far; replaces earlier ones. */
  | { readonly type: 'predictions'; readonly epoch: number; readonly items: readonly Prediction[] }
  /** A learning-rate range test begins, has made a step, and says what its curve shows. */
  | { readonly type: 'rateTest'; readonly plan: RateTestPlan }
  | { readonly type: 'rateStep'; readonly point: RatePoint }
  | { readonly type: 'rateResult'; readonly result: RateTestResult }
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
      /** Bytes of the process at its largest; absent where it trained other runs before. */
      readonly peakMemory?: number;
      /** 'finished' before the last epoch, because validation no longer got better. */
      readonly earlyStop?: EarlyStop;
    };

/** A line of the journal. `crc32` (8 hex digits) is of the line without that field and without the newline. */
export interface JournalRecord {
  /** From 0, without gaps. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  readonly event: RunEvent;
}
