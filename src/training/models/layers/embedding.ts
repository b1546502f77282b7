import * as tf from '@tensorflow/tfjs';
import type { ParameterStore } from './parameters';

export interface Embedding {
  /** @param ids int32, any shape @returns `[...ids.shape, size]` */
  (ids: tf.Tensor): tf.Tensor;
  /** `[rows, size]`, for whoever is tied to it. */
  readonly weight: tf.Variable;
}

/**
 * A table that gives each id a row, as torch.nn.Embedding. Initial values: normal, the row of `padding` zero.
 * @param options.padding an id whose row gets no gradient from here, not even where it stands in a text (torch's padding_idx)
 */
export function embedding(
  store: ParameterStore,
  name: string,
  rows: number,
  size: number,
  options: { readonly deviation: number; readonly padding?: number },
): Embedding {
  const { deviation, padding } = options;
  const isPadding = (index: number): boolean => Math.floor(index / size) === padding;
  const weight = store.parameter(`${name}.weight`, [rows, size], (stream, index) =>
    isPadding(index) ? 0 : stream.normal(index) * deviation,
  );
  const lookUp = (ids: tf.Tensor): tf.Tensor => {
    const flat = tf.reshape(ids, [ids.size]);
    // TensorFlow.js's own gradient of a gather knows no padding. Rows of the same id are added up; id -1 is nowhere.
    const gather = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
      const [table, save] = args as [tf.Tensor, tf.GradSaveFunc];
      save([padding === undefined ? flat : withoutPadding(flat, padding)]);
      return {
        value: tf.gather(table, flat),
        gradFunc: (dy: tf.Tensor, [counted]: tf.Tensor[]) =>
          tf.unsortedSegmentSum(dy, counted as tf.Tensor1D, rows),
      };
    });
    return tf.reshape(gather(weight), [...ids.shape, size]);
  };
  return Object.assign(lookUp, { weight });
}

const withoutPadding = (ids: tf.Tensor, padding: number): tf.Tensor =>
  tf.where(tf.equal(ids, tf.scalar(padding, 'int32')), tf.scalar(-1, 'int32'), ids);
