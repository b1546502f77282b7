/** BERT with one of its heads: ids, masks and types stand in the file. */
import * as tf from '@tensorflow/tfjs';
import * as z from 'zod';
import { LearnerError } from '../../protocol/errors';
import type { NamedData, TensorData, TensorSpec } from '../engine/types';
import { createBert, type BertHead } from '../models/bert';
import { bertSizes } from '../models/bert-checkpoint';
import { forwardGroups, type Network } from '../models/model';
import { classificationLoss, oneHot } from '../tasks/image-classification';
import { IGNORED_LABEL } from '../tokenizing/token-labels';
import { parseRow, type Reference } from './reference';
import type { Example, Lesson, Subject } from './subject';

const numbers = z.array(z.number());
const matrix = z.array(numbers);
const cube = z.array(matrix);

const configSchema = z.looseObject({
  class: z.enum([
    'BertForSequenceClassification',
    'BertForTokenClassification',
    'BertForQuestionAnswering',
    'BertModel',
  ]),
  numLabels: z.number().nullable(),
});

const HEADS: Readonly<Record<z.infer<typeof configSchema>['class'], BertHead>> = {
  BertForSequenceClassification: 'sequence',
  BertForTokenClassification: 'tokens',
  BertForQuestionAnswering: 'question',
  BertModel: 'none',
};

const input = z.looseObject({
  ids: z.string(),
  inputIds: matrix,
  attentionMask: matrix.nullable(),
  tokenTypeIds: matrix.nullable(),
});

/** What each head says, by the file's names. */
const OUTPUTS = {
  sequence: z.looseObject({ input, logits: matrix }),
  tokens: z.looseObject({ input, logits: cube }),
  question: z.looseObject({ input, startLogits: matrix, endLogits: matrix }),
  none: z.looseObject({ input, pooled: matrix, lastHidden: cube }),
} as const;

const LABELS = {
  sequence: z.looseObject({ input: z.looseObject({ labels: numbers }) }),
  tokens: z.looseObject({ input: z.looseObject({ labels: matrix }) }),
  question: z.looseObject({ input: z.looseObject({ startPositions: numbers, endPositions: numbers }) }),
} as const;

export function textSubject(reference: Reference): Subject {
  const { name, config } = reference;
  const { class: kind, numLabels } = parseRow(configSchema, config, `${name}, config`);
  const head = HEADS[kind] as Exclude<BertHead, 'words'>;
  const numClasses = numLabels ?? 0;
  const sizes = bertSizes({ ...config, model_type: 'bert' }, `${name}, config`);
  const build = (): Network => createBert(name, { ...sizes, head, pooling: 'pooler', numClasses }, 0, true);
  return {
    build,
    evaluation: (row) => example(head, sizes.numLayers, row, `${name}, eval`),
    training: (row) => lesson(head, sizes.numLayers, row, { title: `${name}, train`, numClasses }),
    inFileOrder: (values) => values,
  };
}

type Inputs = Record<string, { spec: TensorSpec; data: TensorData }>;

const specsOf = (inputs: Inputs): Record<string, TensorSpec> =>
  Object.fromEntries(Object.entries(inputs).map(([name, { spec }]) => [name, spec]));
const dataOf = (inputs: Inputs): NamedData =>
  Object.fromEntries(Object.entries(inputs).map(([name, { data }]) => [name, data]));

function example(
  head: Exclude<BertHead, 'words'>,
  numLayers: number,
  row: unknown,
  title: string,
): Example & { readonly inputs: Record<string, TensorSpec> } {
  const { input: given, ...rest } = parseRow<z.infer<(typeof OUTPUTS)[typeof head]>>(
    OUTPUTS[head],
    row,
    title,
  );
  const shape = [given.inputIds.length, given.inputIds[0]?.length ?? 0];
  const inputs: Inputs = {
    inputIds: { spec: { shape, dtype: 'int32' }, data: Int32Array.from(given.inputIds.flat()) },
  };
  const { attentionMask, tokenTypeIds } = given;
  if (attentionMask)
    inputs['attentionMask'] = {
      spec: { shape, dtype: 'float32' },
      data: Float32Array.from(attentionMask.flat()),
    };
  if (tokenTypeIds)
    inputs['tokenTypeIds'] = { spec: { shape, dtype: 'int32' }, data: Int32Array.from(tokenTypeIds.flat()) };
  const names = {
    sequence: ['logits'],
    tokens: ['logits'],
    question: ['startLogits', 'endLogits'],
    none: ['pooled', 'lastHidden'],
  };
  const values = rest as Readonly<Record<string, number[][] | number[][][]>>;
  return {
    title: given.ids,
    inputs: specsOf(inputs),
    data: dataOf(inputs),
    expected: Object.fromEntries(names[head].map((name) => [name, rowsOf(values[name] ?? [])])),
    forward: (network, tensors, mode, observe) => {
      const { inputIds, attentionMask, tokenTypeIds } = tensors;
      const side = { ...(attentionMask ? { attentionMask } : {}), ...(tokenTypeIds ? { tokenTypeIds } : {}) };
      const range = { from: 0, to: network.layerGroups.length };
      let lastHidden: tf.Tensor | undefined;
      const both = (name: string, value: tf.Tensor): void => {
        observe?.(name, value);
        if (name === `encoder.layer.${numLayers - 1}`) lastHidden = value;
      };
      const out = forwardGroups(network, inputIds as tf.Tensor, range, mode, both, undefined, side);
      if (head === 'none') return { pooled: out, ...(lastHidden ? { lastHidden } : {}) };
      if (head !== 'question') return { logits: out };
      const [startLogits, endLogits] = tf.unstack(out, 2) as [tf.Tensor, tf.Tensor];
      return { startLogits, endLogits };
    },
  };
}

const rowsOf = (values: number[][] | number[][][]): number[][] =>
  values.flatMap((row) => (Array.isArray(row[0]) ? (row as number[][]) : [row as number[]]));

function lesson(
  head: Exclude<BertHead, 'words'>,
  numLayers: number,
  row: unknown,
  { title, numClasses }: { readonly title: string; readonly numClasses: number },
): Lesson {
  const one = example(head, numLayers, row, title);
  const [, length = 1] = one.inputs['inputIds']?.shape ?? [];
  const add = (inputs: Inputs, loss: Lesson['loss']): Lesson => ({
    ...one,
    inputs: { ...one.inputs, ...specsOf(inputs) },
    data: { ...one.data, ...dataOf(inputs) },
    loss,
  });
  switch (head) {
    case 'sequence': {
      const { labels } = parseRow(LABELS.sequence, row, title).input;
      return add(targets('', labels, numClasses), ({ logits }, inputs) =>
        meanLoss(logits, inputs, '', numClasses),
      );
    }
    case 'tokens': {
      const labels = parseRow(LABELS.tokens, row, title).input.labels.flat();
      return add(targets('', labels, numClasses), ({ logits }, inputs) =>
        meanLoss(logits, inputs, '', numClasses),
      );
    }
    case 'question': {
      const { startPositions, endPositions } = parseRow(LABELS.question, row, title).input;
      const inputs = { ...targets('start', startPositions, length), ...targets('end', endPositions, length) };
      return add(inputs, ({ startLogits, endLogits }, tensors) =>
        tf.div(
          tf.add(
            meanLoss(startLogits, tensors, 'start', length),
            meanLoss(endLogits, tensors, 'end', length),
          ),
          2,
        ),
      );
    }
    case 'none':
      throw new LearnerError({
        code: 'reference-unreadable',
        message: `${title}: BertModel has no head, so it has no loss.`,
        remedy: 'Leave `train` out of the file, or give one of a network with a head.',
      });
  }
}

/** One-hot labels and which of them count. */
function targets(kind: string, labels: readonly number[], classes: number): Inputs {
  const rows = labels.length;
  const known = labels.map((label) => (label === IGNORED_LABEL ? 0 : label));
  const counts = Float32Array.from(labels, (label) => (label === IGNORED_LABEL ? 0 : 1));
  return {
    [`${kind}Labels`]: {
      spec: { shape: [rows, classes], dtype: 'float32' },
      data: oneHot(known, rows, classes),
    },
    [`${kind}Counts`]: { spec: { shape: [rows], dtype: 'float32' }, data: counts },
  };
}

function meanLoss(
  logits: tf.Tensor | undefined,
  inputs: Record<string, tf.Tensor>,
  kind: string,
  classes: number,
): tf.Scalar {
  const rows = tf.reshape(logits as tf.Tensor, [-1, classes]);
  const [labels, counts] = [inputs[`${kind}Labels`], inputs[`${kind}Counts`]];
  return classificationLoss(rows as tf.Tensor2D, labels as tf.Tensor2D, counts as tf.Tensor1D);
}
