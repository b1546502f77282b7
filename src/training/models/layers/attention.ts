import * as tf from '@tensorflow/tfjs';
import { dropout, type Masks } from './dropout';

/** The smallest float32: what is added to a score so that its softmax is exactly 0, as in transformers. */
export const SMALLEST = -3.4028234663852886e38;

/**
 * What is added to the scores so that nobody looks at padding.
 * @param attentionMask `[batch, length]`, 1 = a token, 0 = padding; integers or floats
 * @returns `[batch, 1, 1, length]`, for every head and every token that looks
 */
export function paddingBias(attentionMask: tf.Tensor): tf.Tensor4D {
  const [batch = 1, length = 1] = attentionMask.shape;
  const mask = tf.reshape(tf.cast(attentionMask, 'float32'), [batch, 1, 1, length]);
  return tf.mul(tf.sub(1, mask), SMALLEST);
}

/** What is added to the scores so that nobody looks at what comes later. @returns `[length, length]` */
export function causalBias(length: number): tf.Tensor2D {
  const values = new Float32Array(length * length);
  for (let row = 0; row < length; row++) values.fill(SMALLEST, row * length + row + 1, (row + 1) * length);
  return tf.tensor2d(values, [length, length]);
}

export interface AttentionOptions {
  readonly numHeads: number;
  /** Added to the scores; its shape broadcasts to `[batch, heads, length, length]`. */
  readonly bias?: tf.Tensor;
  /** The module's name of the dropout of the attention weights, and the masks of this step. */
  readonly dropoutName: string;
  readonly masks?: Masks;
}

/**
 * Scaled dot-product attention with several heads (Vaswani et al., 2017): softmax(q·kᵀ / √d) · v.
 * @param query, key, value `[batch, length, heads · d]`, the heads side by side
 * @returns `[batch, length, heads · d]`
 */
export function attention(
  query: tf.Tensor3D,
  key: tf.Tensor3D,
  value: tf.Tensor3D,
  options: AttentionOptions,
): tf.Tensor3D {
  const [q, k, v] = [query, key, value].map((x) => splitHeads(x, options.numHeads)) as [
    tf.Tensor4D,
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  return attentionOfHeads({ query: q, key: k, value: v }, options);
}

/** What the heads ask for, offer and give: `[batch, heads, length, d]` each. */
export interface Heads {
  readonly query: tf.Tensor4D;
  readonly key: tf.Tensor4D;
  readonly value: tf.Tensor4D;
}

/** The same, with the heads parted. @returns `[batch, length, heads · d]` */
export function attentionOfHeads(
  { query, key, value }: Heads,
  { bias, dropoutName, masks }: Omit<AttentionOptions, 'numHeads'>,
): tf.Tensor3D {
  const scores = tf.mul(tf.matMul(query, key, false, true), 1 / Math.sqrt(query.shape[3])); // [B, heads, T, T]
  const weights = tf.softmax(bias ? tf.add(scores, bias) : scores);
  return mergeHeads(tf.matMul<tf.Tensor4D>(dropout(weights, dropoutName, masks), value)); // [B, heads, T, d] before
}

/** `[B, T, heads · d]` → `[B, heads, T, d]` */
export function splitHeads(x: tf.Tensor3D, numHeads: number): tf.Tensor4D {
  const [batch, length, size] = x.shape;
  return tf.transpose(x.reshape<tf.Tensor4D>([batch, length, numHeads, size / numHeads]), [0, 2, 1, 3]);
}

/** `[B, heads, T, d]` → `[B, T, heads · d]` */
export function mergeHeads(x: tf.Tensor4D): tf.Tensor3D {
  const [batch, heads, length, headSize] = x.shape;
  return tf.transpose(x, [0, 2, 1, 3]).reshape([batch, length, heads * headSize]);
}
