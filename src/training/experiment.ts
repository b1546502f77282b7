import type * as tf from '@tensorflow/tfjs';
import * as z from 'zod';
import { LearnerError } from '../protocol/errors';
import {
  readAugmentation,
  type Augmentation,
  type AugmentationOptions,
} from './data/augmentation/augmentation';
import type { TaggedData, TextData } from './data/text/text-source';
import type { EarlyStopping } from './early-stopping';
import { describeIssues, type Strategy } from './strategies/strategy';
import type { ClassWeights } from './tasks/class-weights';

/** What folders and lists of pictures have in common. */
interface Images {
  /** Relative to the experiment's file, or absolute. */
  readonly path: string;
  /** Pixels: every picture becomes imageSize x imageSize. */
  readonly imageSize: number;
  readonly seed: number;
  /** Share of the pictures for validation where the data is not split already. */
  readonly valFraction: number;
}

/** Where the pictures are. Made by `imageFolder`. */
export interface ImageFolder extends Images {
  readonly kind: 'image-folder';
}

/** A CSV file that names pictures and their classes. Made by `imageCsv`. */
export interface ImageCsv extends Images {
  readonly kind: 'image-csv';
  /** Column names; absent: found by the usual names. */
  readonly pathColumn?: string;
  readonly labelColumn?: string;
  readonly splitColumn?: string;
}

/** Pictures with one class each. */
export type ImageSource = ImageFolder | ImageCsv;

/** Everything that an experiment can learn from. */
export type DataSource = ImageSource | TextData | TaggedData;

export const isTextData = (data: DataSource): data is TextData | TaggedData =>
  data.kind === 'text-file' || data.kind === 'text-folder' || data.kind === 'tagged-file';

/** Layers that an own head may use. Calling one twice with the same name uses the same weights. */
export interface HeadLayers {
  /** Number of classes in the data: the width of the result. */
  readonly numClasses: number;
  /**
   * A fully connected layer with bias.
   * @param name of its weights in the saved file: `fc.<name>.weight`, `fc.<name>.bias`
   * @param input `[batch, features]`
   * @returns `[batch, outputs]`
   */
  readonly linear: (name: string, input: tf.Tensor2D, outputs: number) => tf.Tensor2D;
}

/** An own head: from `[batch, features]` to logits `[batch, numClasses]`, written in TensorFlow.js. */
export type HeadFunction = (features: tf.Tensor2D, layers: HeadLayers) => tf.Tensor2D;

/** Which network, with which weights. Made by `resnet18` and its like. */
export interface ModelChoice {
  readonly kind: 'model';
  /** A name of the table in models/index.ts. */
  readonly architecture: string;
  /** 'embedded', the path of a .safetensors file, or null for random weights. */
  readonly weights: string | null;
  readonly numClasses?: number;
  readonly head?: HeadFunction;
  /** Of networks that read texts: see `bert`. */
  readonly pooling?: 'pooler' | 'first' | 'mean';
  readonly layers?: number;
  readonly size?: string;
  readonly dropout?: number;
}

/**
 * An own loss, written in TensorFlow.js.
 * @param logits `[batch, numClasses]`
 * @param labels `[batch, numClasses]`, one-hot; with mixup shares that add up to 1
 * @returns `[batch]`: the loss of each picture; the mean is what trains
 */
export type LossFunction = (logits: tf.Tensor2D, labels: tf.Tensor2D) => tf.Tensor1D;

/** What `experiment` takes. */
export interface ExperimentOptions {
  /**
   * What to learn from: pictures, `imageFolder('data/animals', { imageSize: 64, seed: 1 })` or `imageCsv('data/labels.csv')`;
   * texts, `textFile('data/reviews.csv')` or `textFolder('data/reviews')`; or words in texts, `taggedFile('data/names.jsonl')`.
   */
  readonly data: DataSource;
  /** The network and the weights it starts from: `resnet18({ weights: 'embedded' })`, `bert({ weights: 'embedded' })`. */
  readonly model: ModelChoice;
  /** Which layers train, and how fast: `strategies.featureExtraction()`. */
  readonly strategy: Strategy;
  /** How often training goes through everything that it has to train with. */
  readonly epochs: number;
  /** Pictures or texts per step. */
  readonly batchSize: number;
  /** One number behind everything random: same seed, same run. */
  readonly seed: number;
  /** Random changes to training pictures: `{ horizontalFlip: true }`, or `augment.compose([…])`. Default: none. */
  readonly augmentation?: AugmentationOptions | Augmentation;
  /** Replaces cross entropy. */
  readonly loss?: LossFunction;
  /** Share of each label that is spread evenly over all classes, so that the network is less sure of itself. Often 0.1. Default 0. */
  readonly labelSmoothing?: number;
  /** How much each class counts in the loss, for classes of unlike size: 'balanced', or numbers. Default: all the same. */
  readonly classWeights?: ClassWeights;
  /** Ends the run when validation no longer gets better; the best epoch's weights are kept. Default: all epochs are run. */
  readonly earlyStopping?: EarlyStopping;
}

/** A checked experiment. It is data: reading it starts nothing. */
export interface Experiment extends ExperimentOptions {
  readonly kind: 'experiment';
}

const isFunction = z.custom<(...values: never[]) => unknown>(
  (value) => typeof value === 'function',
  'expected a function',
);
const made = (kinds: string | readonly string[], by: string) =>
  z.custom<object>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      [kinds].flat().includes((value as { kind: string }).kind),
    `expected what ${by} returns`,
  );

const imagesShape = {
  path: z.string().min(1),
  imageSize: z.int().min(32).max(512),
  seed: z.int(),
  valFraction: z.number().gt(0).lt(1),
};
export const imageFolderSchema: z.ZodType = z.strictObject({
  kind: z.literal('image-folder'),
  ...imagesShape,
});
export const imageCsvSchema: z.ZodType = z.strictObject({
  kind: z.literal('image-csv'),
  ...imagesShape,
  pathColumn: z.string().min(1).optional(),
  labelColumn: z.string().min(1).optional(),
  splitColumn: z.string().min(1).optional(),
});

export const modelChoiceSchema: z.ZodType = z.strictObject({
  kind: z.literal('model'),
  architecture: z.string(),
  weights: z.string().min(1).nullable(),
  numClasses: z.int().min(2).optional(),
  head: isFunction.optional(),
  pooling: z.enum(['pooler', 'first', 'mean']).optional(),
  layers: z.int().min(1).optional(),
  size: z.string().optional(),
  dropout: z.number().min(0).lt(1).optional(),
});

const experimentSchema = z.strictObject({
  data: made(
    ['image-folder', 'image-csv', 'text-file', 'text-folder', 'tagged-file'],
    'imageFolder(…), imageCsv(…), textFile(…), textFolder(…) or taggedFile(…)',
  ),
  model: made('model', 'resnet18(…), bert(…) or another model'),
  strategy: made('strategy', 'strategies.featureExtraction() or another strategy'),
  epochs: z.int().min(1).max(10_000),
  batchSize: z.int().min(2).max(4096),
  seed: z.int(),
  // Checked by readAugmentation, which knows the transforms.
  augmentation: z.custom<object>((value) => typeof value === 'object', 'expected an object').optional(),
  loss: isFunction.optional(),
  labelSmoothing: z.number().min(0).lt(1).optional(),
  classWeights: z
    .union(
      [z.literal('balanced'), z.array(z.number().min(0)), z.record(z.string(), z.number().min(0))],
      "expected 'balanced', or a number of 0 or more for each class",
    )
    .optional(),
  earlyStopping: z
    .strictObject({
      patience: z.int().min(1),
      minDelta: z.number().min(0).optional(),
      monitor: z.enum(['valLoss', 'valAccuracy']).optional(),
    })
    .optional(),
});

/** @throws {LearnerError} 'experiment-invalid', naming the field */
export function checkExperiment(options: ExperimentOptions): Experiment {
  check(experimentSchema, options, 'experiment', 'experiment-invalid');
  readAugmentation(options.augmentation);
  if (options.augmentation && isTextData(options.data)) {
    throw new LearnerError({
      code: 'experiment-invalid',
      message: 'experiment: "augmentation" changes pictures, and this experiment learns from texts.',
      remedy: 'Leave "augmentation" out.',
    });
  }
  const unused = (['labelSmoothing', 'classWeights'] as const).filter((name) => options[name] !== undefined);
  if (options.loss && unused.length > 0) {
    throw new LearnerError({
      code: 'experiment-invalid',
      message: `experiment: "${unused.join('" and "')}" belong to cross entropy, which "loss" replaces.`,
      remedy: 'Leave them out, or leave the own loss out.',
    });
  }
  return Object.freeze({ kind: 'experiment' as const, ...options });
}

/** @throws {LearnerError} with `code`, naming the field */
export function check(schema: z.ZodType, value: unknown, what: string, code: string): void {
  const parsed = schema.safeParse(value);
  if (parsed.success) return;
  throw new LearnerError({
    code,
    message: `${what}: ${describeIssues(parsed.error)}.`,
    remedy: `Correct this in ${what}(…); hover over the name to see what it takes.`,
  });
}

/** Told by its tag, so that an experiment of another copy of this module counts too. */
export function isExperiment(value: unknown): value is Experiment {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'experiment';
}
