import * as tf from '@tensorflow/tfjs';
import type { ParameterStore } from './parameters';

/**
 * GPT-2's linear layer ("Conv1D" in transformers), whose weight is [inputs, outputs]: the transpose of torch.nn.Linear's.
 * Initial values: normal, and bias 0.
 * @returns from `[batch, inputs]` to `[batch, outputs]`
 */
export function conv1d(
  store: ParameterStore,
  name: string,
  inputs: number,
  outputs: number,
  deviation: number,
): (x: tf.Tensor2D) => tf.Tensor2D {
  const weight = store.parameter(
    `${name}.weight`,
    [inputs, outputs],
    (stream, index) => stream.normal(index) * deviation,
  );
  const bias = store.parameter(`${name}.bias`, [outputs], () => 0);
  return (x) => tf.matMul(x, weight).add<tf.Tensor2D>(bias);
}
