import * as tf from '@tensorflow/tfjs';
import type { ParameterStore } from './parameters';

/**
 * A fully connected layer; its weight is [outputs, inputs], as in a checkpoint.
 * Initial values: uniform within ±1/sqrt(inputs), as torch.nn.Linear.
 * @returns from `[batch, inputs]` to `[batch, outputs]`
 */
export function linear(
  store: ParameterStore,
  name: string,
  inputs: number,
  outputs: number,
): (x: tf.Tensor2D) => tf.Tensor2D {
  const bound = 1 / Math.sqrt(inputs);
  const weight = store.parameter(
    `${name}.weight`,
    [outputs, inputs],
    (stream, index) => (2 * stream.uniform(index) - 1) * bound,
  );
  const bias = store.parameter(
    `${name}.bias`,
    [outputs],
    (stream, index) => (2 * stream.uniform(index) - 1) * bound,
  );
  return (x) => tf.matMul(x, weight, false, true).add<tf.Tensor2D>(bias);
}
