import * as tf from '@tensorflow/tfjs';
import { describeKernels } from './describe-kernels';
import type { KernelCase } from './kernel-cases';

const depthwise = (
  filter: [number, number, number, number],
  strides: number | [number, number],
  pad: 'same' | 'valid' | number,
  dilations = 1,
): KernelCase => ({
  name: `depthwiseConv2d with [${filter.join()}], stride ${String(strides)}, pad ${pad}, dilation ${dilations}`,
  shapes: [[2, 7, 8, 3], filter],
  run: (x, f) => tf.depthwiseConv2d(x as tf.Tensor4D, f as tf.Tensor4D, strides, pad, 'NHWC', dilations),
  // TensorFlow.js has no gradient of a dilated one.
  gradient: dilations === 1,
  tolerance: 5e-5,
});

const averagePool = (size: number, strides: number, pad: 'same' | 'valid' | number): KernelCase => ({
  name: `avgPool ${size}x${size}, stride ${strides}, pad ${pad}`,
  shapes: [[2, 7, 6, 3]],
  run: (x) => tf.avgPool(x as tf.Tensor4D, size, strides, pad),
});

const activations = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const;

describeKernels('depthwise convolutions, average pools and fused products', [
  depthwise([3, 3, 3, 1], 1, 'same'),
  depthwise([3, 2, 3, 2], 2, 'valid'),
  depthwise([3, 3, 3, 2], 2, 'same'),
  depthwise([2, 3, 3, 1], [2, 2], 1),
  depthwise([3, 3, 3, 1], 1, 'valid', 2),
  depthwise([1, 1, 3, 1], 1, 'valid'),
  averagePool(2, 2, 'valid'),
  averagePool(3, 2, 'same'),
  averagePool(3, 1, 1),
  averagePool(2, 3, 'valid'),
  ...activations.map((activation): KernelCase => ({
    name: `fused matMul with bias and ${activation}`,
    shapes: [[3, 4], [4, 5], [5], [5]],
    run: (a, b, bias, alpha) =>
      tf.fused.matMul({
        a: a,
        b: b,
        bias: bias,
        activation,
        ...(activation === 'prelu' ? { preluActivationWeights: alpha } : {}),
      }),
    gradient: false,
  })),
  {
    name: 'fused conv2d with bias and relu',
    shapes: [[2, 6, 5, 3], [3, 3, 3, 4], [4]],
    run: (x, filter, bias) =>
      tf.fused.conv2d({
        x: x as tf.Tensor4D,
        filter: filter as tf.Tensor4D,
        strides: 2,
        pad: 'same',
        bias: bias,
        activation: 'relu',
      }),
    gradient: false,
    tolerance: 5e-5,
  },
  {
    name: 'fused depthwise convolution with bias and relu6',
    shapes: [[2, 6, 5, 3], [3, 3, 3, 1], [3]],
    run: (x, filter, bias) =>
      tf.fused.depthwiseConv2d({
        x: x as tf.Tensor4D,
        filter: filter as tf.Tensor4D,
        strides: 1,
        pad: 'same',
        bias: bias,
        activation: 'relu6',
      }),
    gradient: false,
    tolerance: 5e-5,
  },
  {
    name: 'einsum of attention scores',
    shapes: [
      [2, 3, 4, 5],
      [2, 6, 4, 5],
    ],
    run: (q, k) => tf.einsum('bthd,bshd->bhts', q, k),
    gradient: false,
  },
]);
