import * as tf from '@tensorflow/tfjs';
import type { PairNames } from '../causal-network';
import type { Observe } from '../model';
import { mergeHeads, splitHeads } from './attention';

export interface PastOptions {
  readonly numHeads: number;
  /** Added to the scores of the past, so that places that hold no token are not seen; broadcasts to `[batch, heads, 1, past]`. */
  readonly bias: tf.Tensor;
  readonly observe: Observe | undefined;
  /** Names under which this token's keys and values are shown. */
  readonly present: PairNames;
}

/**
 * Attention of one new token to what was kept of those before it, and to itself.
 *
 * The past is read where it lies: to append the new key first would copy all of it for every token. With s the scores of the
 * past, n the new token's score of itself and σ = sigmoid(logsumexp(s) − n), the softmax over both is (σ · softmax(s), 1 − σ).
 * @param query, key, value `[batch, 1, heads · d]`
 * @param past keys and values `[batch, heads, past, d]`
 * @returns `[batch, 1, heads · d]`
 */
export function attentionWithPast(
  query: tf.Tensor3D,
  key: tf.Tensor3D,
  value: tf.Tensor3D,
  [pastKeys, pastValues]: readonly [tf.Tensor4D, tf.Tensor4D],
  { numHeads, bias, observe, present }: PastOptions,
): tf.Tensor3D {
  const [q, k, v] = [query, key, value].map((x) => splitHeads(x, numHeads)) as [
    tf.Tensor4D,
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  observe?.(present.keys, k);
  observe?.(present.values, v);
  const scale = 1 / Math.sqrt(query.shape[2] / numHeads);
  const scores = tf.add(tf.mul(tf.matMul(q, pastKeys, false, true), scale), bias); // [B, heads, 1, past]
  const own = tf.mul(tf.matMul(q, k, false, true), scale); // [B, heads, 1, 1]
  const weights = tf.softmax(scores);
  // Of s and its softmax p: logsumexp(s) = max(s) − ln max(p), which takes fewer passes than the formula itself.
  const total = tf.sub(tf.max(scores, -1, true), tf.log(tf.max(weights, -1, true)));
  const share = tf.sigmoid(tf.sub(total, own));
  const seen = tf.matMul(weights, pastValues); // [B, heads, 1, d]
  return mergeHeads(tf.add<tf.Tensor4D>(v, tf.mul(share, tf.sub(seen, v))));
}
