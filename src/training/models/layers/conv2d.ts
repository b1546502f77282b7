import * as tf from '@tensorflow/tfjs';
import type { ParameterStore } from './parameters';

export interface Conv2d {
  /** @param inputs `[batch, height, width, inputs]` */
  (inputs: tf.Tensor4D): tf.Tensor4D;
}

/**
 * A square convolution, padded on every side alike as in PyTorch (TensorFlow's "same" pads less on the left at stride 2).
 * Initial values: normal with deviation sqrt(2 / (outputs · size²)) (He et al., 2015, "fan out"), bias 0, as torchvision's
 * ResNets and VGGs.
 */
export function conv2d(
  store: ParameterStore,
  name: string,
  options: {
    inputs: number;
    outputs: number;
    size: number;
    stride?: number;
    padding?: number;
    /** Default: none. */
    bias?: boolean;
  },
): Conv2d {
  const { inputs, outputs, size, stride = 1, padding = 0 } = options;
  const deviation = Math.sqrt(2 / (outputs * size * size));
  const weight = store.parameter(
    `${name}.weight`,
    [size, size, inputs, outputs],
    (stream, index) => stream.normal(index) * deviation,
    'convolution',
  );
  const bias = options.bias ? store.parameter(`${name}.bias`, [outputs], () => 0) : undefined;
  return (x) => {
    const y = tf.conv2d(x, weight as unknown as tf.Tensor4D, stride, padding);
    return bias ? tf.add<tf.Tensor4D>(y, bias) : y;
  };
}
