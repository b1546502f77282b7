import * as tf from '@tensorflow/tfjs';
import type { HeadKind } from '../../protocol/checking';
import type { HeadFunction } from '../experiment';

const BATCH = 4;
const FEATURES = 16;
const CLASSES = 3;

/**
 * Tries an own head on random features, with random layers. Rows of logits do not add up to 1 by chance; rows of
 * probabilities always do.
 */
export function kindOfHead(head: HeadFunction | undefined): HeadKind {
  if (!head) return 'default';
  try {
    return tf.tidy(() => {
      const weights = new Map<string, tf.Tensor2D>();
      const linear = (name: string, input: tf.Tensor2D, outputs: number): tf.Tensor2D => {
        const shape: [number, number] = [input.shape[1], outputs];
        const weight =
          weights.get(name) ?? tf.randomNormal<tf.Rank.R2>(shape, 0, 1, 'float32', weights.size + 2);
        weights.set(name, weight);
        return tf.matMul(input, weight);
      };
      const features = tf.randomNormal<tf.Rank.R2>([BATCH, FEATURES], 0, 1, 'float32', 1);
      const output = head(features, { numClasses: CLASSES, linear });
      const sums = output.sum(1).dataSync();
      const lowest = Number(output.min().dataSync()[0]);
      return lowest >= 0 && sums.every((sum) => Math.abs(sum - 1) < 1e-3) ? 'probabilities' : 'logits';
    });
  } catch {
    return 'unknown'; // Training it says what is wrong, at its line.
  }
}
