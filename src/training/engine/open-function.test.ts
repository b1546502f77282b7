import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from './engine';
import type { Engine, OpenFunctionSpec } from './types';

let native: Engine;
beforeAll(async () => {
  native = await createEngine({ threads: 1 });
});
afterAll(() => native.dispose());

const weight = tf.variable(tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]), false, 'open-function/weight');

/** Each row times a matrix, in heads as attention has them, and summed over the places. */
const heads: OpenFunctionSpec = {
  name: 'heads',
  sizes: ['rows', 'places'],
  inputs: ({ rows = 1, places = 1 }) => ({
    x: { shape: [rows, places, 2], dtype: 'float32' },
    mask: { shape: [rows, places], dtype: 'float32' },
  }),
  run: ({ x, mask }) => {
    const [rows, places] = (x as tf.Tensor3D).shape;
    const masked = tf.mul(x as tf.Tensor, tf.reshape(mask as tf.Tensor, [rows, places, 1]));
    const turned = tf.transpose(masked, [0, 2, 1]); // [rows, 2, places]
    const product = tf.matMul(tf.sum<tf.Tensor2D>(turned, 2), weight);
    return { sums: product, largest: tf.max(tf.reshape(product, [rows, 3]), 1), turned };
  },
};

describe('a function of open sizes', () => {
  it('gives the values of each size, from one graph', () => {
    const open = native.compileOpenFunction(heads);
    expect(open.info.uncompiled).toEqual([]);
    // Hand arithmetic: the masked sum of places is [1, 1] in row 0 and [0, 3] in row 1; times the matrix.
    const two = open.run(
      { rows: 2, places: 3 },
      {
        x: Float32Array.of(1, 1, 9, 9, 9, 9, 0, 1, 0, 1, 0, 1),
        mask: Float32Array.of(1, 0, 0, 1, 1, 1),
      },
    );
    expect([...(two['sums'] ?? [])]).toEqual([5, 7, 9, 12, 15, 18]);
    expect([...(two['largest'] ?? [])]).toEqual([9, 18]);
    const one = open.run(
      { rows: 1, places: 2 },
      { x: Float32Array.of(1, 2, 3, 4), mask: Float32Array.of(1, 1) },
    );
    expect([...(one['turned'] ?? [])]).toEqual([1, 3, 2, 4]);
    expect([...(one['sums'] ?? [])]).toEqual([28, 38, 48]);
    open.dispose();
  });

  it('reads what is fed anew in each run, and keeps what is not', () => {
    const [fed, kept] = [
      native.compileOpenFunction({ ...heads, fed: 'all' }),
      native.compileOpenFunction(heads),
    ];
    const before = weight.arraySync();
    weight.assign(tf.zeros([2, 3]));
    const inputs = { x: Float32Array.of(1, 1), mask: Float32Array.of(1) };
    const sizes = { rows: 1, places: 1 };
    expect([...(fed.run(sizes, inputs)['sums'] ?? [])]).toEqual([0, 0, 0]);
    expect([...(kept.run(sizes, inputs)['sums'] ?? [])]).toEqual([5, 7, 9]);
    expect([fed.info.constantBytes < kept.info.constantBytes]).toEqual([true]);
    weight.assign(tf.tensor(before));
    fed.dispose();
    kept.dispose();
  });

  it('refuses a function into which a size has got, and inputs of another length', () => {
    const baked: OpenFunctionSpec = {
      ...heads,
      name: 'baked',
      run: ({ x }) => ({
        y: tf.add(x as tf.Tensor, tf.range(0, (x as tf.Tensor).shape[1] ?? 0).reshape([-1, 1])),
      }),
    };
    expect(() => native.compileOpenFunction(baked)).toThrow(
      'baked: the graph is another one for other sizes',
    );
    const open = native.compileOpenFunction(heads);
    expect(() =>
      open.run({ rows: 2, places: 1 }, { x: new Float32Array(4), mask: new Float32Array(3) }),
    ).toThrow('input "mask" has 3 numbers');
    open.dispose();
  });

  it('runs op by op where there is no native library', async () => {
    const plain = await createEngine({ native: false });
    const open = plain.compileOpenFunction(heads);
    const { sums } = open.run(
      { rows: 1, places: 2 },
      { x: Float32Array.of(1, 2, 3, 4), mask: Float32Array.of(1, 1) },
    );
    expect([...(sums ?? [])]).toEqual([28, 38, 48]);
    open.dispose();
    plain.dispose();
  });
});
