import * as tf from '@tensorflow/tfjs';
import type { ParameterStore } from './parameters';

/** As in PyTorch: running = 0.9 · running + 0.1 · batch. */
const MOMENTUM = 0.1;
const EPSILON = 1e-5;

export interface BatchNorm {
  /**
   * @param inputs `[batch, height, width, channels]`
   * @param training true: normalise with the batch's own statistics and move the running ones;
   *   false: use the running statistics and leave them bit for bit
   */
  (inputs: tf.Tensor4D, training: boolean): tf.Tensor4D;
}

/**
 * Batch normalisation (Ioffe & Szegedy, 2015) as torch.nn.BatchNorm2d: the batch is normalised with the biased variance,
 * the running variance takes the unbiased one.
 */
export function batchNorm(store: ParameterStore, name: string, channels: number): BatchNorm {
  const weight = store.parameter(`${name}.weight`, [channels], () => 1) as unknown as tf.Tensor1D;
  const bias = store.parameter(`${name}.bias`, [channels], () => 0) as unknown as tf.Tensor1D;
  const runningMean = store.buffer(`${name}.running_mean`, [channels], 0);
  const runningVariance = store.buffer(`${name}.running_var`, [channels], 1);
  store.counters.set(`${name}.num_batches_tracked`, 0);
  return (x, training) => {
    if (!training) {
      const scale = tf.div(weight, tf.sqrt(tf.add(runningVariance, EPSILON)));
      const shift = tf.sub(bias, tf.mul(runningMean, scale));
      return tf.add(tf.mul(x, scale), shift);
    }
    const [batch, height, width] = x.shape;
    const count = batch * height * width;
    const { mean, variance } = statistics(x);
    move(runningMean, mean);
    move(runningVariance, tf.mul(variance, count / Math.max(1, count - 1)));
    return normalise(x, weight, bias);
  };
}

function statistics(x: tf.Tensor4D): { mean: tf.Tensor1D; centred: tf.Tensor4D; variance: tf.Tensor1D } {
  const mean = tf.mean<tf.Tensor1D>(x, [0, 1, 2]);
  const centred = tf.sub<tf.Tensor4D>(x, mean);
  return { mean, centred, variance: tf.mean<tf.Tensor1D>(tf.mul(centred, centred), [0, 1, 2]) };
}

function move(running: tf.Variable, batch: tf.Tensor): void {
  running.assign(tf.add(tf.mul(running, 1 - MOMENTUM), tf.mul(batch, MOMENTUM)));
}

/**
 * Normalises with the batch's statistics, with a gradient of our own: what TensorFlow.js derives passes over the
 * activations three times as often. The statistics are computed here again; the compiled graph keeps one copy.
 *
 * With c = x − mean, s = 1 / sqrt(variance + eps), n values a channel:
 * d bias = Σ dy, d weight = s · Σ dy·c, dx = weight · s · (dy − Σ dy / n − c · s² · Σ dy·c / n).
 */
function normalise(x: tf.Tensor4D, weight: tf.Tensor1D, bias: tf.Tensor1D): tf.Tensor4D {
  const run = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [input, gamma, beta, save] = args as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const { centred, variance } = statistics(input);
    const inverse = tf.rsqrt(tf.add(variance, EPSILON));
    save([centred, inverse, gamma]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [c, s, g] = saved as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D];
      const count = c.size / (s.size || 1);
      const sum = tf.sum(dy, [0, 1, 2]);
      const product = tf.sum(tf.mul(dy, c), [0, 1, 2]);
      const a = tf.mul(g, s);
      const b = tf.mul(tf.mul(a, tf.mul(s, s)), tf.mul(product, -1 / count));
      const constant = tf.mul(a, tf.mul(sum, -1 / count));
      const dx = tf.add(tf.mul(dy, a), tf.add(tf.mul(c, b), constant));
      return [dx, tf.mul(product, s), sum];
    };
    return { value: tf.add(tf.mul(centred, tf.mul(gamma, inverse)), beta), gradFunc };
  });
  return run(x, weight, bias) as tf.Tensor4D;
}
