/** GPT-2: ids and masks stand in the file, labels are the tokens themselves, one place on. */
import * as tf from '@tensorflow/tfjs';
import * as z from 'zod';
import type { NamedData, TensorSpec } from '../engine/types';
import type { CausalNetwork } from '../models/causal-network';
import { createGpt2 } from '../models/gpt2';
import { gpt2Config } from '../models/gpt2-checkpoint';
import { forwardGroups } from '../models/model';
import { classificationLoss } from '../tasks/image-classification';
import { IGNORED_LABEL } from '../tokenizing/token-labels';
import { compareGreedy, greedySchema } from './greedy';
import { parseRow, statisticsSchema, type Reference } from './reference';
import type { Example, Lesson, Subject } from './subject';

const numbers = z.array(z.number());
const matrix = z.array(numbers);

const configSchema = z.looseObject({ class: z.literal('GPT2LMHeadModel'), dropout: z.literal(0) });

const input = z.looseObject({
  ids: z.string(),
  lengths: numbers,
  inputIds: matrix,
  attentionMask: matrix,
});

const evaluationRow = z.looseObject({
  input,
  logits: z.discriminatedUnion('positions', [
    z.object({ positions: z.literal('last token that is not padding'), values: matrix }),
    z.object({ positions: z.literal('all'), first: z.array(matrix) }),
  ]),
  logitsStatistics: statisticsSchema,
  argmax: matrix,
});

const trainingRow = z.looseObject({
  input: input.extend({ labels: matrix }),
  logitsStatistics: statisticsSchema,
});

export function causalSubject(reference: Reference): Subject {
  const { name } = reference;
  const title = `${name}, config`;
  const config = gpt2Config(
    { ...parseRow(configSchema, reference.config, title), model_type: 'gpt2' },
    title,
  );
  return {
    build: () => createGpt2(name, config, 0, true),
    evaluation: (row) => evaluation(parseRow(evaluationRow, row, `${name}, eval`)),
    training: (row) => training(parseRow(trainingRow, row, `${name}, train`), config.vocabSize),
    inFileOrder: (values) => values,
    greedy: (engine, network, rows, comparison) =>
      compareGreedy(
        engine,
        network as CausalNetwork,
        rows.map((row) => parseRow(greedySchema, row, `${name}, greedy`)),
        comparison,
      ),
    withoutNoise: (tensor, values) => withoutKeys(tensor, values),
  };
}

/** The bias of the keys, the middle third, has a gradient that is zero by mathematics: files leave it out. */
function withoutKeys(name: string, values: Float32Array): Float32Array {
  if (!name.endsWith('.attn.c_attn.bias')) return values;
  const third = values.length / 3;
  return values.fill(0, third, 2 * third);
}

interface Read extends Pick<Example, 'title' | 'data'> {
  readonly inputs: Record<string, TensorSpec>;
  readonly forward: (...args: Parameters<Example['forward']>) => tf.Tensor;
}

/** What both kinds of rows have: ids and masks, and how they become logits `[B, T, vocabSize]`. */
function read({ ids, inputIds, attentionMask }: z.infer<typeof input>): Read {
  const shape = [inputIds.length, inputIds[0]?.length ?? 0];
  return {
    title: ids,
    inputs: { inputIds: { shape, dtype: 'int32' }, attentionMask: { shape, dtype: 'float32' } },
    data: {
      inputIds: Int32Array.from(inputIds.flat()),
      attentionMask: Float32Array.from(attentionMask.flat()),
    },
    forward: (network, tensors, mode, observe) => {
      const { inputIds: given, attentionMask: mask } = tensors;
      const side = { attentionMask: mask as tf.Tensor };
      const range = { from: 0, to: network.layerGroups.length };
      const logits = forwardGroups(network, given as tf.Tensor, range, mode, observe, undefined, side);
      observe?.('logits', logits);
      return logits;
    },
  };
}

function evaluation(row: z.infer<typeof evaluationRow>): Example {
  const one = read(row.input);
  const { logits: given } = row;
  const { lengths } = row.input;
  const rows = given.positions === 'all' ? given.first.flat() : given.values;
  return {
    ...one,
    expected: { logits: rows },
    exactly: { argmax: row.argmax.flat() },
    statistics: { logits: row.logitsStatistics },
    forward: (...args) => {
      const logits = one.forward(...args);
      const argmax = tf.argMax(logits, 2);
      if (given.positions === 'all') return { logits, argmax };
      const last = lengths.map((length, index) => tf.slice(logits, [index, length - 1, 0], [1, 1, -1]));
      return { logits: tf.concat(last, 0), argmax };
    },
  };
}

function training(row: z.infer<typeof trainingRow>, vocabSize: number): Lesson {
  const one = read(row.input);
  const next = row.input.labels.flatMap((labels) => [...labels.slice(1), IGNORED_LABEL]);
  const rows = next.length;
  const data: NamedData = {
    ...one.data,
    labels: Int32Array.from(next, (label) => (label === IGNORED_LABEL ? 0 : label)),
    counts: Float32Array.from(next, (label) => (label === IGNORED_LABEL ? 0 : 1)),
  };
  return {
    ...one,
    inputs: {
      ...one.inputs,
      labels: { shape: [rows], dtype: 'int32' },
      counts: { shape: [rows], dtype: 'float32' },
    },
    data,
    expected: {},
    statistics: { logits: row.logitsStatistics },
    forward: (...args) => ({ logits: one.forward(...args) }),
    loss: ({ logits }, { labels, counts }) =>
      classificationLoss(
        tf.reshape(logits as tf.Tensor, [rows, vocabSize]),
        tf.oneHot(labels as tf.Tensor1D, vocabSize).toFloat() as tf.Tensor2D,
        counts as tf.Tensor1D,
      ),
  };
}
