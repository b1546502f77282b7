import * as tf from '@tensorflow/tfjs';
import { describeKernels } from './describe-kernels';
import type { KernelCase } from './kernel-cases';

/** Inputs lie in [-1, 1). */
const unary = (name: string, run: (x: tf.Tensor) => tf.Tensor, gradient = true): KernelCase => ({
  name: `${name} of an odd shape`,
  shapes: [[3, 5, 7]],
  run: (x) => run(x),
  gradient,
});

describeKernels('activations', [
  unary('elu', (x) => tf.elu(x.mul(3))),
  unary('selu', (x) => tf.selu(x.mul(3))),
  unary('leakyRelu', (x) => tf.leakyRelu(x, 0.3)),
  unary('relu6', (x) => tf.relu6(x.mul(9))),
  unary('softplus', (x) => tf.softplus(x.mul(9))),
  unary('clipByValue', (x) => tf.clipByValue(x, -0.25, 0.5)),
  unary('sign', (x) => tf.sign(x)),
  unary('round half to even', (x) => tf.round(tf.floor(x.mul(9)).div(2))),
  unary('asin', (x) => tf.asin(x.mul(0.9))),
  unary('acos', (x) => tf.acos(x.mul(0.9))),
  unary('atan', (x) => tf.atan(x.mul(4))),
  unary('sinh', (x) => tf.sinh(x)),
  unary('cosh', (x) => tf.cosh(x)),
  unary('asinh', (x) => tf.asinh(x.mul(4))),
  unary('acosh', (x) => tf.acosh(x.add(2.5))),
  unary('atanh', (x) => tf.atanh(x.mul(0.9))),
  unary('expm1 of large and small numbers', (x) => tf.expm1(tf.concat([x.mul(8), x.mul(1e-3)]))),
  unary('expm1 of tiny numbers', (x) => tf.expm1(x.mul(1e-6)), false),
  unary('log1p', (x) => tf.log1p(x.mul(0.9))),
  unary('log1p of tiny numbers', (x) => tf.log1p(x.mul(1e-6)), false),
  unary('log1p of large numbers', (x) => tf.log1p(tf.abs(x.mul(1e6))), false),
  unary('rsqrt', (x) => tf.rsqrt(x.add(1.5))),
  unary('isNaN', (x) => tf.isNaN(tf.log(x)), false),
  unary('isInf', (x) => tf.isInf(tf.div(1, tf.relu(x))), false),
  unary('isFinite', (x) => tf.isFinite(tf.sqrt(x)), false),
  {
    name: 'prelu with one slope per channel',
    shapes: [[2, 3, 5], [5]],
    run: (x, alpha) => tf.prelu(x, alpha),
  },
  {
    name: 'pow of positive numbers with a broadcast exponent',
    shapes: [[2, 3, 5], [5]],
    run: (x, y) => tf.pow(x.add(1.5), y),
  },
  { name: 'pow of one element', shapes: [[1]], run: (x) => tf.pow(x, 2) },
  {
    name: 'mod with both signs on both sides',
    shapes: [
      [7, 5],
      [7, 5],
    ],
    run: (x, y) => tf.mod(x.mul(9), tf.sign(y).mul(tf.abs(y).add(0.7))),
    gradient: false,
  },
  {
    name: 'sigmoid cross-entropy, which takes log1p',
    shapes: [[4, 3]],
    run: (x) =>
      tf.losses.sigmoidCrossEntropy(
        tf.tensor2d([1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1, 0], [4, 3]),
        x as tf.Tensor2D,
      ),
  },
]);
