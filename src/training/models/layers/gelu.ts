import * as tf from '@tensorflow/tfjs';

/** ln(2 / √π) */
const LOG_TWO_OVER_ROOT_PI = Math.log(2 / Math.sqrt(Math.PI));

/**
 * GELU (Hendrycks & Gimpel, 2016), the exact one: x · Φ(x), with Φ from the error function. BERT's; GPT-2 has the tanh form.
 * Written in the order of steps that ONNX Runtime joins into one where no gradient is asked for.
 *
 * With a gradient of our own, 7 passes instead of 10: with u = x / √2 it is ½ · (1 + erf(u) + u · 2/√π · e^(−u²)), and the factor
 * goes into the exponent.
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  const run = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [input, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const scaled = tf.div(input, Math.SQRT2);
    const twicePhi = tf.add(tf.erf(scaled), 1);
    save([scaled, twicePhi]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
      const [u, phi] = saved as [tf.Tensor, tf.Tensor];
      const bell = tf.mul(u, tf.exp(tf.sub(LOG_TWO_OVER_ROOT_PI, tf.square(u))));
      return tf.mul(dy, tf.mul(tf.add(phi, bell), 0.5));
    };
    return { value: tf.mul(tf.mul(input, twicePhi), 0.5), gradFunc };
  });
  return run(x) as T;
}

const TWO_OVER_PI_ROOT = Math.sqrt(2 / Math.PI);

/**
 * GELU's approximation by tanh, which GPT-2 has ("gelu_new"): x/2 · (1 + tanh(√(2/π) · (x + 0.044715 · x³))).
 * With a gradient of our own: what TensorFlow.js derives from the formula takes three times as many nodes.
 */
export function tanhGelu<T extends tf.Tensor>(x: T): T {
  const run = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [input, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const cube = tf.pow(input, 3);
    const inner = tf.mul(tf.add(input, tf.mul(cube, 0.044715)), TWO_OVER_PI_ROOT);
    const tanh = tf.tanh(inner);
    save([input, tanh]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
      // d = (1 + tanh)/2 + x/2 · (1 − tanh²) · √(2/π) · (1 + 3 · 0.044715 · x²)
      const [at, t] = saved as [tf.Tensor, tf.Tensor];
      const slope = tf.mul(tf.add(tf.mul(tf.square(at), 3 * 0.044715), 1), TWO_OVER_PI_ROOT);
      const bend = tf.mul(tf.mul(at, tf.sub(1, tf.square(t))), slope);
      return tf.mul(dy, tf.mul(tf.add(tf.add(t, 1), bend), 0.5));
    };
    return { value: tf.mul(tf.mul(input, 0.5), tf.add(tanh, 1)), gradFunc };
  });
  return run(x) as T;
}
