import * as tf from '@tensorflow/tfjs';
import type { ParameterStore } from './parameters';

/**
 * GPT-2's linear layer ("Conv1D" in transformers), whose weight is [inputs, outputs]: the transpose of torch.nn.Linear's.
 * Initial values: normal, and bias 0.
 * @returns from `[batch, length, inputs]` to `[batch, length, outputs]`
 */
export function conv1d(
  store: ParameterStore,
  name: string,
  inputs: number,
  outputs: number,
  deviation: number,
): (x: tf.Tensor3D) => tf.Tensor3D {
  const weight = store.parameter(
    `${name}.weight`,
    [inputs, outputs],
    (stream, index) => stream.normal(index) * deviation,
  );
  const bias = store.parameter(`${name}.bias`, [outputs], () => 0);
  return (x) => tf.add(times(x, weight), bias);
}

/** With a gradient of our own: that of TensorFlow.js forgets to add up the batch where a matrix is shared. */
function times(x: tf.Tensor3D, weight: tf.Tensor): tf.Tensor3D {
  const product = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [input, matrix, save] = args as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([input, matrix]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [at, w] = saved as [tf.Tensor, tf.Tensor];
      const rows = (tensor: tf.Tensor): tf.Tensor2D => tensor.reshape([-1, tensor.shape.at(-1) ?? 1]);
      const dx = tf.matMul(rows(dy), w, false, true).reshape(at.shape);
      return [dx, tf.matMul(rows(at), rows(dy), true, false)];
    };
    return { value: tf.matMul(input, matrix), gradFunc };
  });
  return product(x, weight) as tf.Tensor3D;
}
