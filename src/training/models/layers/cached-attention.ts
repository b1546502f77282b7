import * as tf from '@tensorflow/tfjs';
import { mergeHeads, type Heads } from './attention';

/**
 * Attention of one new token to what was kept of those before it, and to itself. The past is read where it lies: to append
 * the new key and value to it would copy all of it for every token, so scores are joined instead.
 * @param heads of the new token, `[batch, heads, 1, d]` each
 * @param past keys and values `[batch, heads, past, d]`
 * @param bias added to the scores of the past, so that places that hold no token are not seen; broadcasts to `[batch, heads, 1, past]`
 * @returns `[batch, 1, heads · d]`
 */
export function attentionWithPast(
  { query, key, value }: Heads,
  [pastKeys, pastValues]: readonly [tf.Tensor4D, tf.Tensor4D],
  bias: tf.Tensor,
): tf.Tensor3D {
  const scale = 1 / Math.sqrt(query.shape[3]);
  const own = tf.mul(tf.matMul(query, key, false, true), scale); // [B, heads, 1, 1]
  const scores = tf.add(tf.mul(tf.matMul(query, pastKeys, false, true), scale), bias); // [B, heads, 1, past]
  const weights = tf.softmax(tf.concat([own, scores], 3));
  const [ofOwn, ofPast] = [
    tf.slice(weights, [0, 0, 0, 0], [-1, -1, -1, 1]),
    tf.slice(weights, [0, 0, 0, 1], [-1, -1, -1, -1]),
  ];
  return mergeHeads(tf.add<tf.Tensor4D>(tf.matMul(ofPast, pastValues), tf.mul(ofOwn, value)));
}
