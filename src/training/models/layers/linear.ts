import * as tf from '@tensorflow/tfjs';
import type { ParameterStore } from './parameters';

/**
 * A fully connected layer; its weight is [outputs, inputs], as in a checkpoint.
 * Initial values: uniform within ±1/sqrt(inputs), as torch.nn.Linear; with `deviation`, normal, and bias 0.
 * @returns from `[batch, inputs]` to `[batch, outputs]`
 */
export function linear(
  store: ParameterStore,
  name: string,
  inputs: number,
  outputs: number,
  deviation?: number,
): (x: tf.Tensor2D) => tf.Tensor2D {
  const bound = 1 / Math.sqrt(inputs);
  const weight = store.parameter(
    `${name}.weight`,
    [outputs, inputs],
    deviation === undefined
      ? (stream, index) => (2 * stream.uniform(index) - 1) * bound
      : (stream, index) => stream.normal(index) * deviation,
  );
  const bias = store.parameter(
    `${name}.bias`,
    [outputs],
    deviation === undefined ? (stream, index) => (2 * stream.uniform(index) - 1) * bound : () => 0,
  );
  return (x) => tf.matMul(x, weight, false, true).add<tf.Tensor2D>(bias);
}

/** The same layer for every token. @returns from `[batch, length, inputs]` to `[batch, length, outputs]` */
export function perToken(layer: (x: tf.Tensor2D) => tf.Tensor2D): (x: tf.Tensor3D) => tf.Tensor3D {
  return (x) => {
    const [batch, length, inputs] = x.shape;
    return layer(x.reshape([batch * length, inputs])).reshape([batch, length, -1]);
  };
}
