import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../engine';
import type { Engine } from '../types';
import { describeKernels } from './describe-kernels';

const ints = (values: number[], shape: number[]): tf.Tensor => tf.tensor(values, shape, 'int32');

describeKernels('kernels that pick, move and scatter', [
  { name: 'reverse along two axes', shapes: [[3, 4, 5]], run: (x) => tf.reverse(x, [0, -1]) },
  {
    name: 'strided slice with steps and a negative step',
    shapes: [[5, 7, 3]],
    run: (x) => tf.stridedSlice(x, [0, 6, 1], [5, 0, 2], [2, -3, 1]),
    gradient: false,
  },
  {
    name: 'strided slice that drops an axis',
    shapes: [[5, 7, 3]],
    run: (x) => tf.stridedSlice(x, [1, 0, 1], [4, 5, 2], [1, 1, 1], 0, 0, 0, 0, 4),
    gradient: false,
  },
  {
    name: 'strided slice back to the very first element',
    shapes: [[5, 4]],
    run: (x) => tf.stridedSlice(x, [4, 0], [0, 4], [-2, 1], 0, 1),
    gradient: false,
  },
  {
    name: 'mirror padding without the edge',
    shapes: [[3, 4]],
    run: (x) =>
      tf.mirrorPad(
        x,
        [
          [2, 1],
          [0, 3],
        ],
        'reflect',
      ),
    gradient: false,
  },
  {
    name: 'mirror padding with the edge',
    shapes: [[3, 4]],
    run: (x) =>
      tf.mirrorPad(
        x,
        [
          [3, 1],
          [1, 4],
        ],
        'symmetric',
      ),
    gradient: false,
  },
  {
    name: 'gatherND of rows',
    shapes: [[3, 4, 5]],
    run: (x) => tf.gatherND(x, ints([0, 1, 2, 3, 0, 1], [3, 2])),
    gradient: false,
  },
  {
    name: 'scatterND adds what falls on one place',
    shapes: [[3, 4]],
    run: (x) => tf.scatterND(ints([1, 4, 1], [3, 1]), x, [6, 4]),
    gradient: false,
  },
  {
    name: 'unsortedSegmentSum leaves ids outside the range out',
    shapes: [[5, 3]],
    run: (x) => tf.unsortedSegmentSum(x, tf.tensor1d([2, -1, 2, 0, 7], 'int32'), 4),
    gradient: false,
  },
  {
    name: 'an embedding with repeated rows, forward and backward',
    shapes: [[7, 3]],
    run: (x) => tf.gather(x, ints([6, 0, 0, 3, 6, 6], [2, 3])),
  },
  {
    name: 'gather along a middle axis, forward and backward',
    shapes: [[2, 5, 3]],
    run: (x) => tf.gather(x, tf.tensor1d([4, 0, 4], 'int32'), 1),
  },
  {
    name: 'gather with rows of its own for each batch entry',
    shapes: [[2, 5, 3]],
    run: (x) => tf.gather(x, ints([4, 0, 1, 1], [2, 2]), 1, 1),
    gradient: false,
  },
  { name: 'cumsum', shapes: [[3, 5]], run: (x) => tf.cumsum(x, 1) },
  {
    name: 'cumsum, exclusive and backwards, along the first axis',
    shapes: [[3, 5]],
    run: (x) => tf.cumsum(x, 0, true, true),
    // TensorFlow.js's own gradient is right for the last axis only.
    gradient: false,
  },
  { name: 'argMin', shapes: [[3, 5]], run: (x) => tf.argMin(x, -1), gradient: false },
  {
    name: 'argMax passes over NaN in front',
    shapes: [[4]],
    run: (x) => tf.argMax(tf.concat([tf.sqrt(tf.sub(-1, tf.abs(x))), x]).reverse(), 0),
    gradient: false,
  },
  {
    name: 'max gives NaN back',
    shapes: [[4, 5]],
    run: (x) => tf.max(tf.log(x), 1),
    gradient: false,
  },
  {
    name: 'min over an axis that holds infinities of both signs',
    shapes: [[4, 5]],
    run: (x) => tf.min(tf.div(x, tf.relu(tf.abs(x).sub(0.5))), 1),
    gradient: false,
  },
  {
    name: 'topk values',
    shapes: [[3, 7]],
    run: (x) => tf.topk(x, 3).values,
    gradient: false,
  },
  {
    name: 'topk places, the first of equals first',
    shapes: [[3, 7]],
    run: (x) => tf.topk(tf.step(x), 4).indices,
    gradient: false,
  },
  {
    name: 'any and all over one axis',
    shapes: [[4, 3]],
    run: (x) => {
      const positive = tf.greater(x, 0);
      return tf.add(
        tf.cast(tf.any(positive, 1), 'float32'),
        tf.mul(2, tf.cast(tf.all(positive, 1), 'float32')),
      );
    },
    gradient: false,
  },
]);

describe('a strided slice that steps and drops an axis', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine({ threads: 1 });
  });
  afterAll(() => engine.dispose());

  it('picks what NumPy picks, where the cpu backend forgets the dropped axis', () => {
    const x = tf.reshape(tf.range(0, 5 * 7 * 3), [5, 7, 3]);
    const picked = tf.stridedSlice(x, [0, 6, 1], [5, 0, 2], [2, -3, 1], 0, 0, 0, 0, 4);
    // numpy.arange(105).reshape(5, 7, 3)[0:5:2, 6:0:-3, 1]
    expect(picked.arraySync()).toEqual([
      [19, 10],
      [61, 52],
      [103, 94],
    ]);
  });
});

describe('rows of the same segment', () => {
  it('are added up without losing one, also by several threads', async () => {
    const engine = await createEngine({ threads: 4 });
    const [rows, size, segments] = [2048, 64, 3];
    const program = engine.compileFunction({
      name: 'sums',
      inputs: { x: { shape: [rows, size], dtype: 'float32' }, ids: { shape: [rows], dtype: 'int32' } },
      run: ({ x, ids }) => ({
        sums: tf.unsortedSegmentSum(x as tf.Tensor2D, ids as tf.Tensor1D, segments),
      }),
    });
    const ids = Int32Array.from({ length: rows }, (_, row) => row % 2);
    for (let run = 0; run < 20; run++) {
      const { sums } = program.run({ x: new Float32Array(rows * size).fill(1), ids });
      expect([...new Set(sums)]).toEqual([rows / 2, 0]);
    }
    engine.dispose();
  });
});
