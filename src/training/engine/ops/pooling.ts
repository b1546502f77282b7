import { backend_util } from '@tensorflow/tfjs-core';
import { type AttributeValue } from '../onnx/values';
import { spreadWindows } from './depthwise';
import { type GraphBuilder, type KernelBuilder, type Value, kernel, sizeOf } from './kernel';

interface PoolAttrs {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad:
    'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]];
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

type Shape4 = [number, number, number, number];

function poolInfo(shape: readonly number[], attrs: PoolAttrs): backend_util.Conv2DInfo {
  return backend_util.computePool2DInfo(
    shape as Shape4,
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
    'channelsLast',
  );
}

const toChannelsFirst = (graph: GraphBuilder, x: Value): Value => graph.transpose(x, [0, 3, 1, 2]);
const toChannelsLast = (graph: GraphBuilder, x: Value): Value => graph.transpose(x, [0, 2, 3, 1]);

function poolAttributes(info: backend_util.Conv2DInfo): Record<string, AttributeValue> {
  const { top, left, bottom, right } = info.padInfo;
  return {
    kernel_shape: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    pads: [top, left, bottom, right],
  };
}

/** Values, and where in x each came from; the first one wins a tie, as in TensorFlow.js and PyTorch. */
function maxWithIndices(graph: GraphBuilder, x: Value, info: backend_util.Conv2DInfo): readonly Value[] {
  const shape = [info.batchSize, info.outChannels, info.outHeight, info.outWidth];
  return graph.nodeWithOutputs('MaxPool', [toChannelsFirst(graph, x)], poolAttributes(info), [
    { shape, dtype: 'float32' },
    { shape, dtype: 'int64' },
  ]);
}

/** ONNX rounds sizes down and wants paddings shorter than the window; other cases stay with TensorFlow.js. */
function usable(x: Value, info: backend_util.Conv2DInfo): boolean {
  const { top, left, bottom, right } = info.padInfo;
  const height = Math.floor((info.inHeight + top + bottom - info.filterHeight) / info.strideHeight) + 1;
  const width = Math.floor((info.inWidth + left + right - info.filterWidth) / info.strideWidth) + 1;
  return (
    x.dtype === 'float32' &&
    !x.shape.includes(0) &&
    height === info.outHeight &&
    width === info.outWidth &&
    Math.max(top, bottom) < info.filterHeight &&
    Math.max(left, right) < info.filterWidth
  );
}

const maxPool = kernel<{ x: Value }, PoolAttrs>('MaxPool', (graph, { x }, attrs) => {
  const info = poolInfo(x.shape, attrs);
  if (!usable(x, info)) return undefined;
  return toChannelsLast(graph, maxWithIndices(graph, x, info)[0] as Value);
});

const maxPoolGrad = kernel<{ dy: Value; input: Value }, PoolAttrs>(
  'MaxPoolGrad',
  (graph, { dy, input }, attrs) => {
    const info = poolInfo(input.shape, attrs);
    if (!usable(input, info)) return undefined;
    const [, indices] = maxWithIndices(graph, input, info);
    const shape = [info.batchSize, info.inChannels, info.inHeight, info.inWidth];
    const size = sizeOf(shape);
    const zeros = graph.constant(new Float32Array(size), [size], 'float32');
    const gradients = graph.reshape(toChannelsFirst(graph, dy), [sizeOf(dy.shape)]);
    const places = graph.reshape(indices as Value, [sizeOf(dy.shape)]);
    const scattered = graph.node(
      'ScatterElements',
      [zeros, places, gradients],
      { axis: 0, reduction: 'add' },
      zeros,
    );
    return toChannelsLast(graph, graph.reshape(scattered, shape));
  },
);

const avgPool = kernel<{ x: Value }, PoolAttrs>('AvgPool', (graph, { x }, attrs) => {
  const info = poolInfo(x.shape, attrs);
  if (!usable(x, info)) return undefined;
  const shape = [info.batchSize, info.outChannels, info.outHeight, info.outWidth];
  const pooled = graph.node('AveragePool', [toChannelsFirst(graph, x)], poolAttributes(info), {
    shape,
    dtype: 'float32',
  });
  return toChannelsLast(graph, pooled);
});

/**
 * Every number of dy spread evenly over its window. TensorFlow.js divides by the whole window at padded borders
 * too, where its AvgPool divides by what lies inside: we give what it gives.
 */
const avgPoolGrad = kernel<{ dy: Value; input: Value }, PoolAttrs>(
  'AvgPoolGrad',
  (graph, { dy, input }, attrs) => {
    const info = poolInfo(input.shape, attrs);
    if (!usable(input, info) || dy.dtype !== 'float32') return undefined;
    const window = info.filterHeight * info.filterWidth;
    const shape = [info.inChannels, 1, info.filterHeight, info.filterWidth];
    const even = new Float32Array(info.inChannels * window).fill(1 / window);
    return spreadWindows(graph, dy, graph.constant(even, shape, 'float32'), info);
  },
);

export const poolings: readonly KernelBuilder[] = [maxPool, maxPoolGrad, avgPool, avgPoolGrad];
