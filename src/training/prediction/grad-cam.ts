/**
 * Grad-CAM (Selvaraju et al., 2017): where in the picture a network found what speaks for a class.
 * Reference: https://arxiv.org/abs/1610.02391, equations 1 and 2.
 */
import * as tf from '@tensorflow/tfjs';
import type { HeatGrid } from '../../protocol/heat-map';
import type { FeatureMap } from '../models/model';
import { oneHot } from '../tasks/image-classification';

/**
 * Each channel of the map weighs as much as the class's logit would rise with it, in the mean over all places; where
 * the weighted sum is positive, it speaks for the class.
 * @param map of one picture, `[1, height, width, channels]`
 * @param classes indices
 * @returns for each class a grid over the map's places, its highest value 1; all 0 where nothing speaks for the class
 */
export function gradCam(
  { logits }: Pick<FeatureMap, 'logits'>,
  map: tf.Tensor4D,
  classes: readonly number[],
  numClasses: number,
): HeatGrid[] {
  const [, rows, columns] = map.shape;
  const heat = tf.tidy(() => {
    // Pictures of a batch do not see each other in evaluation mode, so one pass gives the gradients of all classes.
    const repeated = tf.tile(map, [classes.length, 1, 1, 1]);
    const chosen = tf.tensor2d(oneHot(classes, classes.length, numClasses), [classes.length, numClasses]);
    const score = (x: tf.Tensor): tf.Scalar => tf.sum(tf.mul(logits(x as tf.Tensor4D), chosen));
    const gradients = tf.grad(score)(repeated); // [classes, height, width, channels]
    const weights = tf.mean(gradients, [1, 2], true); // [classes, 1, 1, channels]
    return tf.relu(tf.sum(tf.mul(weights, repeated), 3)).dataSync<'float32'>(); // [classes, height, width]
  });
  const size = rows * columns;
  return classes.map((_, index) => {
    const own = heat.slice(index * size, (index + 1) * size);
    const highest = own.reduce((top, value) => Math.max(top, value), 0);
    return { rows, columns, values: highest > 0 ? own.map((value) => value / highest) : own };
  });
}
