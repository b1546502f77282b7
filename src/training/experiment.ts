import type * as tf from '@tensorflow/tfjs';
import * as z from 'zod';
import { LearnerError } from '../protocol/errors';
import { describeIssues, type Strategy } from './strategies/strategy';

/** Where the pictures are. Made by `imageFolder`. */
export interface ImageFolder {
  readonly kind: 'image-folder';
  /** Relative to the experiment's file, or absolute. */
  readonly path: string;
  /** Pixels: every picture becomes imageSize x imageSize. */
  readonly imageSize: number;
  readonly seed: number;
  /** Share of the pictures for validation where the folder is not split already. */
  readonly valFraction: number;
}

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
}

/** Random changes to training pictures, so that the network sees more than the data has. */
export interface Augmentation {
  /** Every picture is mirrored left to right half of the time. Not for writing, clocks or maps. */
  readonly horizontalFlip?: boolean;
}

/**
 * An own loss, written in TensorFlow.js.
 * @param logits `[batch, numClasses]`
 * @param labels `[batch, numClasses]`, one-hot
 * @returns `[batch]`: the loss of each picture; the mean is what trains
 */
export type LossFunction = (logits: tf.Tensor2D, labels: tf.Tensor2D) => tf.Tensor1D;

/** What `experiment` takes. */
export interface ExperimentOptions {
  /** The pictures: `imageFolder('data/animals', { imageSize: 64, seed: 1 })`. */
  readonly data: ImageFolder;
  /** The network and the weights it starts from: `resnet18({ weights: 'embedded' })`. */
  readonly model: ModelChoice;
  /** Which layers train, and how fast: `strategies.featureExtraction()`. */
  readonly strategy: Strategy;
  /** How often training goes through all training pictures. */
  readonly epochs: number;
  /** Pictures per step. */
  readonly batchSize: number;
  /** One number behind everything random: same seed, same run. */
  readonly seed: number;
  /** Random changes to training pictures. Default: none. */
  readonly augmentation?: Augmentation;
  /** Replaces cross entropy. */
  readonly loss?: LossFunction;
}

/** A checked experiment. It is data: reading it starts nothing. */
export interface Experiment extends ExperimentOptions {
  readonly kind: 'experiment';
}

const isFunction = z.custom<(...values: never[]) => unknown>(
  (value) => typeof value === 'function',
  'expected a function',
);
const made = (kind: string, by: string) =>
  z.custom<object>(
    (value) => typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === kind,
    `expected what ${by} returns`,
  );

export const imageFolderSchema = z.strictObject({
  kind: z.literal('image-folder'),
  path: z.string().min(1),
  imageSize: z.int().min(32).max(512),
  seed: z.int(),
  valFraction: z.number().gt(0).lt(1),
});

export const modelChoiceSchema = z.strictObject({
  kind: z.literal('model'),
  architecture: z.string(),
  weights: z.string().min(1).nullable(),
  numClasses: z.int().min(2).optional(),
  head: isFunction.optional(),
});

const experimentSchema = z.strictObject({
  data: made('image-folder', 'imageFolder(…)'),
  model: made('model', 'resnet18(…) or another model'),
  strategy: made('strategy', 'strategies.featureExtraction() or another strategy'),
  epochs: z.int().min(1).max(10_000),
  batchSize: z.int().min(2).max(4096),
  seed: z.int(),
  augmentation: z.strictObject({ horizontalFlip: z.boolean().optional() }).optional(),
  loss: isFunction.optional(),
});

/** @throws {LearnerError} 'experiment-invalid', naming the field */
export function checkExperiment(options: ExperimentOptions): Experiment {
  check(experimentSchema, options, 'experiment', 'experiment-invalid');
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
