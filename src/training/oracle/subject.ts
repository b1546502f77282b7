import type * as tf from '@tensorflow/tfjs';
import { LearnerError } from '../../protocol/errors';
import type { Engine, NamedData, NamedTensors, TensorSpec } from '../engine/types';
import type { Network, Observe, TrainingMode } from '../models/model';
import { causalSubject } from './causal-subject';
import type { Comparison } from './comparison';
import type { Reference, Statistics } from './reference';
import { textSubject } from './text-subject';
import { visionSubject } from './vision-subject';

/** What is peculiar to a kind of network: how it is built from a file, what it reads, and what is expected of it. */
export interface Subject {
  /** The network that the file tells of, its values not drawn. */
  build(): Network;
  /** @param row of `eval` @throws {LearnerError} 'reference-unreadable' */
  evaluation(row: unknown): Example;
  /** @param row the file's `train` @throws {LearnerError} 'reference-unreadable' */
  training(row: unknown): Lesson;
  /** A feature in the order of axes that the file has. @param shape in the file */
  inFileOrder(values: Float32Array, shape: readonly number[]): Float32Array;
  /** The same array with 0 where a gradient is zero by mathematics and the file leaves it out. */
  withoutNoise?(name: string, values: Float32Array): Float32Array;
  /** For networks that generate text. @param rows the file's `greedy` @throws {LearnerError} 'reference-unreadable' */
  greedy?(engine: Engine, network: Network, rows: readonly unknown[], comparison: Comparison): Promise<void>;
}

/** One input of a file. */
export interface Example {
  readonly title: string;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  readonly data: NamedData;
  /** Of each output its rows, along the last axis; a row of the file may hold the first values only. */
  readonly expected: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** Outputs of whole numbers, which must be equal. */
  readonly exactly?: Readonly<Record<string, readonly number[]>>;
  /** Outputs that the file tells by a few numbers. */
  readonly statistics?: Readonly<Record<string, Statistics>>;
  forward(network: Network, inputs: NamedTensors, mode: TrainingMode, observe?: Observe): NamedTensors;
}

/** An input with labels. */
export interface Lesson extends Example {
  loss(outputs: NamedTensors, inputs: NamedTensors): tf.Scalar;
}

/** By config.family; a new family is a line. */
const SUBJECTS: Readonly<Record<string, (reference: Reference) => Subject>> = {
  resnet: visionSubject,
  vgg: visionSubject,
  bert: textSubject,
  gpt2: causalSubject,
};

/** @throws {LearnerError} 'reference-family' */
export function subjectOf(reference: Reference): Subject {
  const make = SUBJECTS[reference.config.family];
  if (make) return make(reference);
  const families = Object.keys(SUBJECTS).join(', ');
  throw new LearnerError({
    code: 'reference-family',
    message: `${reference.name} is of family "${reference.config.family}"; known: ${families}.`,
    remedy: `Give a file of one of these families: ${families}.`,
  });
}
