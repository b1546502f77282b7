import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../engine';
import type { Engine } from '../types';
import { BACKEND_NAME, type KernelCase, compiled, onBackend, worstDifference } from './kernel-cases';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 1 });
});
afterAll(() => engine.dispose());

const conv = (
  x: readonly number[],
  f: readonly number[],
  strides: number,
  pad: 'same' | 'valid' | number | [[0, 0], [number, number], [number, number], [0, 0]],
): KernelCase => ({
  name: `conv2d [${x.join()}] with [${f.join()}], stride ${strides}, pad ${JSON.stringify(pad)}`,
  shapes: [x, f],
  run: (a, b) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad),
  tolerance: 5e-5,
});
const pool = (
  x: readonly number[],
  size: number,
  strides: number,
  pad: 'same' | 'valid' | number,
): KernelCase => ({
  name: `maxPool [${x.join()}], ${size}x${size}, stride ${strides}, pad ${pad}`,
  shapes: [x],
  run: (a) => tf.maxPool(a as tf.Tensor4D, size, strides, pad),
});
const unary = (
  name:
    'relu' | 'exp' | 'tanh' | 'sigmoid' | 'erf' | 'neg' | 'abs' | 'square' | 'step' | 'floor' | 'softplus',
): KernelCase => ({
  name: `${name} of an odd shape`,
  shapes: [[3, 5, 7]],
  run: (x) => tf[name](x),
});
const binary = (
  name: 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum' | 'squaredDifference',
  a: number[],
  b: number[],
): KernelCase => ({
  name: `${name} of [${a.join()}] and [${b.join()}]`,
  shapes: [a, b],
  run: (x, y) => tf[name](x, name === 'div' ? tf.add(y, 3) : y),
  // TensorFlow.js's own gradients of the other three do not sum over broadcast axes.
  gradient: a.join() === b.join() || ['add', 'sub', 'mul', 'div'].includes(name),
});

const cases: readonly KernelCase[] = [
  conv([2, 7, 9, 3], [3, 3, 3, 5], 1, 'same'),
  conv([2, 7, 9, 3], [3, 3, 3, 5], 2, 'valid'),
  conv([2, 8, 8, 3], [7, 7, 3, 4], 2, [
    [0, 0],
    [3, 3],
    [3, 3],
    [0, 0],
  ]),
  conv([2, 5, 6, 4], [1, 1, 4, 3], 1, 'valid'),
  conv([2, 5, 6, 4], [1, 1, 4, 3], 2, 'same'),
  conv([1, 4, 4, 2], [2, 3, 2, 3], 1, 1),
  // Large enough for Winograd: 3x3 of stride 1 with at least 16 channels and 48 tiles.
  conv([4, 8, 8, 16], [3, 3, 16, 16], 1, 'same'),
  conv([4, 9, 7, 16], [3, 3, 16, 24], 1, 'valid'),
  conv([4, 9, 9, 24], [3, 3, 24, 16], 1, 1),
  {
    name: 'a padded 3x3 convolution, whose padding joins it',
    shapes: [
      [4, 8, 8, 16],
      [3, 3, 16, 16],
    ],
    run: (x, f) =>
      tf.conv2d(
        tf.pad(tf.relu(x), [
          [0, 0],
          [1, 1],
          [1, 1],
          [0, 0],
        ]) as tf.Tensor4D,
        f as tf.Tensor4D,
        1,
        'valid',
      ),
    tolerance: 5e-5,
  },
  {
    name: 'a padded 5x5 convolution of stride 2, whose padding joins it',
    shapes: [
      [2, 9, 8, 3],
      [5, 5, 3, 4],
    ],
    run: (x, f) =>
      tf.conv2d(
        tf.pad(tf.relu(x), [
          [0, 0],
          [2, 1],
          [2, 2],
          [0, 0],
        ]) as tf.Tensor4D,
        f as tf.Tensor4D,
        2,
        'valid',
      ),
    tolerance: 5e-5,
  },
  pool([2, 6, 6, 3], 2, 2, 'valid'),
  pool([2, 7, 5, 3], 3, 2, 'same'),
  pool([1, 7, 7, 2], 3, 2, 1),
  ...(
    ['relu', 'exp', 'tanh', 'sigmoid', 'erf', 'neg', 'abs', 'square', 'step', 'floor', 'softplus'] as const
  ).map(unary),
  ...(['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'squaredDifference'] as const).flatMap((name) => [
    binary(name, [4, 3], [4, 3]),
    binary(name, [2, 1, 3], [5, 1]),
    binary(name, [], [3]),
  ]),
  { name: 'sum over two axes', shapes: [[2, 3, 4]], run: (x) => tf.sum(x, [0, 2]) },
  { name: 'mean over all, keeping axes', shapes: [[2, 3, 4]], run: (x) => tf.mean(x, undefined, true) },
  { name: 'max over the last axis', shapes: [[2, 3, 4]], run: (x) => tf.max(x, -1) },
  { name: 'sum of one element', shapes: [[1]], run: (x) => tf.sum(x) },
  { name: 'sum over an empty axis', shapes: [[0, 3]], run: (x) => tf.sum(x, 0), gradient: false },
  {
    name: 'matMul',
    shapes: [
      [3, 4],
      [4, 5],
    ],
    run: (a, b) => tf.matMul(a, b),
  },
  {
    name: 'matMul, both transposed',
    shapes: [
      [2, 4, 3],
      [2, 5, 4],
    ],
    run: (a, b) => tf.matMul(a, b, true, true),
  },
  {
    name: 'matMul with a broadcast batch',
    shapes: [
      [2, 3, 4],
      [1, 4, 5],
    ],
    run: (a, b) => tf.matMul(a, b),
    gradient: false,
  },
  { name: 'softmax', shapes: [[3, 7]], run: (x) => tf.softmax(x) },
  { name: 'logSoftmax', shapes: [[3, 7]], run: (x) => tf.logSoftmax(x) },
  {
    name: 'softmaxCrossEntropy',
    shapes: [[4, 6]],
    run: (x) => tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d([1, 5, 0, 2], 'int32'), 6), x),
  },
  {
    name: 'batchNorm with the batch’s own moments',
    shapes: [[3, 4, 4, 5], [5], [5]],
    run: (x, g, b) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      return tf.batchNorm(
        x as tf.Tensor4D,
        mean as tf.Tensor1D,
        variance as tf.Tensor1D,
        b as tf.Tensor1D,
        g as tf.Tensor1D,
        1e-5,
      );
    },
    tolerance: 1e-4,
  },
  { name: 'transpose', shapes: [[2, 3, 4]], run: (x) => tf.transpose(x, [2, 0, 1]) },
  {
    name: 'pad',
    shapes: [[2, 3]],
    run: (x) =>
      tf.pad(
        x,
        [
          [1, 0],
          [2, 3],
        ],
        0.5,
      ),
  },
  { name: 'slice', shapes: [[4, 5, 6]], run: (x) => tf.slice(x, [1, 0, 2], [2, -1, 3]) },
  { name: 'tile', shapes: [[2, 3]], run: (x) => tf.tile(x, [2, 3]) },
  {
    name: 'concat',
    shapes: [
      [2, 3],
      [2, 1],
    ],
    run: (a, b) => tf.concat([a, b], 1),
  },
  {
    name: 'stack',
    shapes: [
      [2, 3],
      [2, 3],
    ],
    run: (a, b) => tf.stack([a, b], 1),
  },
  { name: 'split', shapes: [[4, 6]], run: (x) => tf.split(x, [1, 3, 2], 1)[1] as tf.Tensor },
  {
    name: 'gather',
    shapes: [[5, 3]],
    run: (x) =>
      tf.gather(
        x,
        tf.tensor2d(
          [
            [4, 0],
            [1, 4],
          ],
          [2, 2],
          'int32',
        ),
      ),
    gradient: false,
  },
  {
    name: 'where',
    shapes: [
      [3, 4],
      [3, 4],
    ],
    run: (a, b) => tf.where(tf.tensor2d([1, 0, 1, 0, 0, 0, 1, 1, 1, 0, 0, 1], [3, 4], 'bool'), a, b),
  },
];

describe('kernels give what TensorFlow.js’s cpu backend gives, forward and backward', () => {
  it.each(cases)('$name', async (row) => {
    const expected = await onBackend('cpu', row);
    const opByOp = await onBackend(BACKEND_NAME, row);
    expect(worstDifference(opByOp, expected), 'op by op').toBeLessThan(row.tolerance ?? 2e-5);
    const { values, uncompiled } = compiled(engine, row);
    expect(worstDifference(values, expected), 'compiled').toBeLessThan(row.tolerance ?? 2e-5);
    if (!row.name.includes('empty')) expect(uncompiled).toEqual([]);
  });
});
