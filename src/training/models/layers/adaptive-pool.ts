import * as tf from '@tensorflow/tfjs';

/**
 * torch.nn.AdaptiveAvgPool2d: a map of any size averaged to size x size. Cell i takes the rows floor(i·H/size) to
 * ceil((i + 1)·H/size), so cells overlap where H is no multiple, and repeat rows where H is smaller.
 * Written as two products with constant matrices, rows then columns, which compile and have gradients.
 * @param x `[batch, height, width, channels]`
 * @returns `[batch, size, size, channels]`
 */
export function adaptiveAveragePool(x: tf.Tensor4D, size: number): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const rows =
    height === size
      ? x
      : tf.matMul(averages(height, size), x.reshape<tf.Tensor3D>([batch, height, width * channels]));
  if (width === size) return rows.reshape([batch, size, size, channels]);
  const lines = rows.reshape<tf.Tensor3D>([batch * size, width, channels]);
  return tf.matMul(averages(width, size), lines).reshape([batch, size, size, channels]);
}

/** `[1, outputs, inputs]`: row i holds the weights of the inputs that make up output i. */
function averages(inputs: number, outputs: number): tf.Tensor3D {
  const values = new Float32Array(outputs * inputs);
  for (let i = 0; i < outputs; i++) {
    const start = Math.floor((i * inputs) / outputs);
    const end = Math.ceil(((i + 1) * inputs) / outputs);
    values.fill(1 / (end - start), i * inputs + start, i * inputs + end);
  }
  return tf.tensor3d(values, [1, outputs, inputs]);
}
