import * as tf from '@tensorflow/tfjs';

/**
 * GELU (Hendrycks & Gimpel, 2016), the exact one: x · Φ(x), with Φ from the error function. BERT's; GPT-2 has the tanh form.
 * Written in the order of steps that ONNX Runtime joins into one where no gradient is asked for.
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  const twicePhi = tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1);
  return tf.mul<T>(tf.mul(x, twicePhi), 0.5);
}
