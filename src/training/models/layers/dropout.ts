/**
 * Dropout (Srivastava et al., 2014) whose masks are inputs of the compiled step. A number drawn while a step is recorded
 * would be the same in every step; so a layer group lists the masks that it wants, and whoever runs the step draws them
 * from (seed, step, name): the same seed gives the same run, and a resumed run goes on with the same masks.
 */
import * as tf from '@tensorflow/tfjs';
import { randomStream } from '../../random';

export interface MaskSpec {
  /** The module's name in the checkpoint's network: 'classifier.2'. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Share of the values that become zero, 0 <= rate < 1. */
  readonly rate: number;
}

/** The masks of one step by name. Evaluation has none, and a frozen group, which is in evaluation mode, gets none. */
export type Masks = Readonly<Record<string, tf.Tensor>>;

/** x times its mask; x itself where there is none. */
export function dropout<T extends tf.Tensor>(x: T, name: string, masks: Masks | undefined): T {
  const mask = masks?.[name];
  return mask ? tf.mul<T>(x, mask) : x;
}

/**
 * Values of the masks of step `step`: 0 with probability `rate`, else 1 / (1 − rate), so that the mean stays.
 * @param step from 0, over the whole run
 */
export function drawMasks(
  specs: readonly MaskSpec[],
  seed: number,
  step: number,
): Record<string, Float32Array> {
  return Object.fromEntries(
    specs.map(({ name, shape, rate }) => {
      const stream = randomStream(seed, `dropout/${name}/${step}`);
      const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
      const kept = 1 / (1 - rate);
      for (let index = 0; index < values.length; index++)
        values[index] = stream.uniform(index) < rate ? 0 : kept;
      return [maskInput(name), values];
    }),
  );
}

/** What a mask is called among the inputs of a step. */
export const maskInput = (name: string): string => `dropout.${name}`;
