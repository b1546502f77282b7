import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { describeKernels } from '../../engine/ops/describe-kernels';
import { attention, paddingBias } from './attention';
import { embedding } from './embedding';
import { gelu } from './gelu';
import { layerNorm } from './layer-norm';
import { ParameterStore } from './parameters';

const SIZE = 6;

/** A layer norm whose weight and bias are inputs too, by its formula: TensorFlow.js derives the gradient. */
function normByFormula(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), weight), bias);
}

/** Value and gradients of x, weight and bias for the sum of y · cos(index). */
function gradients(
  norm: (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor) => tf.Tensor,
  inputs: tf.Tensor[],
): number[][] {
  const weights = tf.cos(tf.range(0, (inputs[0] as tf.Tensor).size)).reshape((inputs[0] as tf.Tensor).shape);
  const { value, grads } = tf.valueAndGrads((...[x, w, b]: tf.Tensor[]) =>
    tf.sum(tf.mul(norm(x as tf.Tensor, w as tf.Tensor, b as tf.Tensor), weights)),
  )(inputs);
  return [[...value.dataSync()], ...grads.map((gradient) => [...gradient.dataSync()])];
}

describe('layer normalisation', () => {
  it('has the value and the gradients that TensorFlow.js derives from its formula', () => {
    const store = new ParameterStore(1);
    const norm = layerNorm(store, 'norm', SIZE, 1e-5);
    const { variable: weight } = store.get('norm.weight');
    const { variable: bias } = store.get('norm.bias');
    weight.assign(tf.tensor1d([1, 0.5, -1, 2, 1.5, 0.1]));
    bias.assign(tf.tensor1d([0, 1, 2, -1, 0.5, 3]));
    const x = tf.sin(tf.mul(tf.range(0, 2 * 3 * SIZE), 1.7)).reshape([2, 3, SIZE]);
    const inputs = [x, weight, bias];
    const expected = gradients(normByFormula, inputs);
    const actual = gradients((given) => norm(given), inputs);
    for (const [index, values] of expected.entries())
      for (const [at, value] of values.entries()) expect(actual[index]?.[at]).toBeCloseTo(value, 4);
    store.dispose();
  });

  it('turns a row into mean 0 and deviation 1, and leaves a row of equal values at its bias', () => {
    const store = new ParameterStore(1);
    const norm = layerNorm(store, 'norm', 4, 1e-12);
    const [first, second] = norm(tf.tensor2d([1, 2, 3, 4, 7, 7, 7, 7], [2, 4])).arraySync();
    // (1 − 2.5) / sqrt(1.25) and so on
    for (const [at, value] of [-1.341641, -0.447214, 0.447214, 1.341641].entries())
      expect(first?.[at]).toBeCloseTo(value, 5);
    expect(second).toEqual([0, 0, 0, 0]);
    store.dispose();
  });
});

describe('GELU', () => {
  it('is x times the normal distribution up to x', () => {
    // Φ(1) = 0.8413447, Φ(2) = 0.9772499, Φ(−0.5) = 0.3085375 (tables)
    const values = gelu(tf.tensor1d([0, 1, -1, 2, -0.5])).dataSync();
    for (const [at, value] of [0, 0.8413447, -0.1586553, 1.9544997, -0.1542688].entries())
      expect(values[at]).toBeCloseTo(value, 5);
  });

  it('rises by Φ(x) + x · φ(x), the density', () => {
    // φ(0) = 0.3989423, φ(1) = 0.2419707, φ(2) = 0.0539910, φ(0.5) = 0.3520653 (tables)
    const x = tf.tensor1d([0, 1, -1, 2, -0.5, 30, -30]);
    const slopes = tf
      .grad((at) => tf.sum(gelu(at)))(x)
      .dataSync();
    for (const [at, value] of [0.5, 1.0833154, -0.0833154, 1.0852319, 0.1325049, 1, 0].entries())
      expect(slopes[at]).toBeCloseTo(value, 5);
  });
});

describe('an embedding', () => {
  const ids = tf.tensor2d([0, 2, 2, 1], [2, 2], 'int32');

  it('adds up the gradients of an id that stands in several places, and gives none to padding', () => {
    const store = new ParameterStore(1);
    const lookUp = embedding(store, 'words', 4, 3, { deviation: 1, padding: 0 });
    const { grads } = tf.variableGrads(() => tf.sum(tf.mul(lookUp(ids), tf.range(1, 13).reshape([2, 2, 3]))));
    const gradient = Object.values(grads)[0]?.arraySync();
    // Places 1 and 2 are id 2: 4 + 7, 5 + 8, 6 + 9.
    expect(gradient).toEqual([
      [0, 0, 0],
      [10, 11, 12],
      [11, 13, 15],
      [0, 0, 0],
    ]);
    store.dispose();
  });

  it('begins with a padding row of zeros, and gives each place the row of its id', () => {
    const store = new ParameterStore(1);
    const lookUp = embedding(store, 'words', 4, 3, { deviation: 1, padding: 0 });
    const rows = lookUp.weight.arraySync() as number[][];
    expect(rows[0]).toEqual([0, 0, 0]);
    expect(rows[1]?.every((value) => value !== 0)).toBe(true);
    expect(lookUp(ids).arraySync()).toEqual([
      [rows[0], rows[2]],
      [rows[2], rows[1]],
    ]);
    store.dispose();
  });
});

describe('attention', () => {
  it('with one head mixes the values by the softmax of the scaled products', () => {
    const query = tf.tensor3d([[[2, 0]]]).tile<tf.Tensor3D>([1, 2, 1]);
    const key = tf.tensor3d([
      [
        [1, 0],
        [0, 1],
      ],
    ]);
    const value = tf.tensor3d([
      [
        [1, 10],
        [2, 20],
      ],
    ]);
    const [[first]] = attention(query, key, value, { numHeads: 1, dropoutName: 'none' }).arraySync() as [
      [number[]],
    ];
    // Scores 2 / √2 and 0: weights e^1.41421 / (e^1.41421 + 1) = 0.804403 and 0.195597.
    expect(first?.[0]).toBeCloseTo(0.804403 + 2 * 0.195597, 4);
    expect(first?.[1]).toBeCloseTo(8.04403 + 20 * 0.195597, 3);
  });

  it('gives padding no weight at all', () => {
    const x = tf.sin(tf.range(0, 2 * 3 * 4)).reshape<tf.Tensor3D>([2, 3, 4]);
    const bias = paddingBias(tf.tensor2d([1, 1, 0, 1, 1, 0], [2, 3]));
    const changed = tf.concat<tf.Tensor3D>([tf.slice(x, [0, 0, 0], [2, 2, 4]), tf.fill([2, 1, 4], 100)], 1);
    const options = { numHeads: 2, bias, dropoutName: 'none' };
    const plain = attention(x, x, x, options);
    const other = attention(x, changed, changed, options);
    expect([...other.dataSync()]).toEqual([...plain.dataSync()]);
  });
});

describeKernels('what attention and embeddings are made of', [
  {
    name: 'products of heads, the second transposed',
    shapes: [
      [2, 3, 5, 4],
      [2, 3, 6, 4],
    ],
    run: (a, b) => tf.matMul(a, b, false, true),
  },
  {
    name: 'products of heads',
    shapes: [
      [2, 3, 5, 6],
      [2, 3, 6, 4],
    ],
    run: (a, b) => tf.matMul(a, b),
  },
  {
    name: 'softmax of scores of which some are hidden',
    shapes: [[2, 3, 4, 5]],
    run: (x) => tf.softmax(tf.add(x, paddingBias(tf.tensor2d([1, 1, 0, 0, 0, 1, 1, 1, 1, 1], [2, 5])))),
  },
  { name: 'GELU', shapes: [[3, 5, 7]], run: (x) => gelu(tf.mul(x, 4)) },
  {
    name: 'the first token of each row',
    shapes: [[3, 4, 5]],
    run: (x) => tf.slice(x, [0, 0, 0], [-1, 1, -1]).reshape([-1, 5]),
  },
  { name: 'start and end taken apart', shapes: [[2, 4, 2]], run: (x) => tf.unstack(x, 2)[1] as tf.Tensor },
]);
