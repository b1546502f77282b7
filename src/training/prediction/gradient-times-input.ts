/**
 * Gradient times input: how much of a class's logit each token accounts for, if the network is taken for the linear one
 * that it is near this text. Reference: Simonyan et al., 2013 (https://arxiv.org/abs/1312.6034) for the gradient, Shrikumar
 * et al., 2016 (https://arxiv.org/abs/1605.01713) for its product with the input.
 */
import * as tf from '@tensorflow/tfjs';
import { oneHot } from '../tasks/image-classification';

/**
 * @param logits what the rest of the network makes of the embeddings, in evaluation mode: `[batch, numClasses]`
 * @param embedded embeddings of one text, `[1, length, channels]`
 * @param classes indices
 * @returns for each class a number for each token, in logits
 */
export function gradientTimesInput(
  logits: (embedded: tf.Tensor) => tf.Tensor,
  embedded: tf.Tensor3D,
  classes: readonly number[],
  numClasses: number,
): number[][] {
  const [, length] = embedded.shape;
  const values = tf.tidy(() => {
    // Texts of a batch do not see each other, so one pass gives the gradients of all classes.
    const repeated = tf.tile(embedded, [classes.length, 1, 1]);
    const chosen = tf.tensor2d(oneHot(classes, classes.length, numClasses), [classes.length, numClasses]);
    const score = (x: tf.Tensor): tf.Scalar => tf.sum(tf.mul(logits(x), chosen));
    return tf.sum(tf.mul(tf.grad(score)(repeated), repeated), 2).dataSync<'float32'>(); // [classes, length]
  });
  return classes.map((_, index) => Array.from(values.subarray(index * length, (index + 1) * length)));
}
