import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../engine';
import type { Engine } from '../types';
import { describeKernels } from './describe-kernels';
import { type KernelCase, someNumbers } from './kernel-cases';

const resize = (
  name: 'resizeBilinear' | 'resizeNearestNeighbor',
  size: [number, number],
  alignCorners: boolean,
  halfPixelCenters = false,
): KernelCase => ({
  name: `${name} to ${size.join('x')}${alignCorners ? ', corners aligned' : ''}${halfPixelCenters ? ', half-pixel centres' : ''}`,
  // The cpu backend's gradients are right for square pictures (bilinear) and for the first of a batch (nearest).
  shapes: [name === 'resizeBilinear' ? [2, 6, 6, 3] : [1, 5, 7, 3]],
  run: (x) => tf.image[name](x as tf.Tensor4D, size, alignCorners, halfPixelCenters),
  // TensorFlow.js's gradients do not know half-pixel centres.
  gradient: !halfPixelCenters,
});

describeKernels(
  'resizes',
  (['resizeBilinear', 'resizeNearestNeighbor'] as const).flatMap((name) => [
    resize(name, [9, 8], false),
    resize(name, [3, 4], false),
    resize(name, [9, 13], true),
    resize(name, [1, 1], true),
    resize(name, [8, 10], false, true),
  ]),
);

describe('gradients that TensorFlow.js’s cpu backend gets wrong', () => {
  const gradientOf = (row: KernelCase, x: tf.Tensor): tf.Tensor =>
    tf.grad((y: tf.Tensor) => tf.sum(tf.square(row.run(y))))(x);
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine({ threads: 1 });
  });
  afterAll(() => engine.dispose());

  it('is each picture’s own in a batch, for the nearest neighbour', () => {
    const row = resize('resizeNearestNeighbor', [3, 4], false);
    const x = tf.tensor(someNumbers(2 * 5 * 7 * 3, 1), [2, 5, 7, 3]);
    const one = tf.concat(tf.split(x, 2).map((picture) => gradientOf(row, picture)));
    expect([...gradientOf(row, x).dataSync()]).toEqual([...one.dataSync()]);
  });

  it('is right for pictures that are not square, bilinear: the cpu backend’s shape is turned', () => {
    const row = resize('resizeBilinear', [9, 4], false);
    const x = tf.tensor(someNumbers(5 * 7, 1), [1, 5, 7, 1]);
    const gradient = gradientOf(row, x);
    expect(gradient.shape).toEqual(x.shape);
    // Along a line through x in a fixed direction the loss is a parabola, so central differences are exact.
    const direction = tf.tensor(someNumbers(5 * 7, 2), x.shape);
    const loss = (at: number): number =>
      tf.sum(tf.square(row.run(x.add(direction.mul(at))))).dataSync()[0] as number;
    const slope = tf.sum(gradient.mul(direction)).dataSync()[0];
    expect(slope).toBeCloseTo((loss(0.5) - loss(-0.5)) / 1, 4);
  });
});
