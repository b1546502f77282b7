import type { backend_util } from '@tensorflow/tfjs-core';
import { type AttributeValue } from '../onnx/values';
import { type ConvolutionAttrs, convolutionInfo } from './convolution-info';
import { type GraphBuilder, type KernelBuilder, type Value, kernel, sameShape } from './kernel';

function infoOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: ConvolutionAttrs,
): backend_util.Conv2DInfo | undefined {
  const info = convolutionInfo(inputShape, filterShape, attrs, true);
  return info && withWholeWindows(info);
}

/**
 * With padding given as one number TensorFlow.js computes the output's width from the filter's height, so that
 * windows of a filter that is not square may reach past the padding: it counts zeros there, as more padding does.
 */
function withWholeWindows(info: backend_util.Conv2DInfo): backend_util.Conv2DInfo {
  const [bottom, right] = remainders(info).map((unreached) => Math.max(0, -unreached));
  const { padInfo } = info;
  const more = { bottom: padInfo.bottom + (bottom ?? 0), right: padInfo.right + (right ?? 0) };
  return { ...info, padInfo: { ...padInfo, ...more } };
}

/** Rows and columns of the padded input that no window reaches. */
function remainders(info: backend_util.Conv2DInfo): [number, number] {
  const { top, bottom, left, right } = info.padInfo;
  return [
    info.inHeight + top + bottom - (info.outHeight - 1) * info.strideHeight - info.effectiveFilterHeight,
    info.inWidth + left + right - (info.outWidth - 1) * info.strideWidth - info.effectiveFilterWidth,
  ];
}

function attributes(info: backend_util.Conv2DInfo): Record<string, AttributeValue> {
  const { top, left, bottom, right } = info.padInfo;
  return {
    group: info.inChannels,
    kernel_shape: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    pads: [top, left, bottom, right],
  };
}

const channelsFirst = (graph: GraphBuilder, x: Value): Value => graph.transpose(x, [0, 3, 1, 2]);
const channelsLast = (graph: GraphBuilder, x: Value): Value => graph.transpose(x, [0, 2, 3, 1]);

/** `[height, width, in, multiplier]` as ONNX has it: `[in · multiplier, 1, height, width]`. */
function onnxFilter(graph: GraphBuilder, filter: Value): Value {
  const [height = 1, width = 1, channels = 1, multiplier = 1] = filter.shape;
  return graph.reshape(graph.transpose(filter, [2, 3, 0, 1]), [channels * multiplier, 1, height, width]);
}

/** One filter (or several) for each channel. @returns undefined where ONNX cannot express the case */
export function depthwiseConvolution(
  graph: GraphBuilder,
  x: Value,
  filter: Value,
  attrs: ConvolutionAttrs,
): Value | undefined {
  const info = infoOf(x.shape, filter.shape, attrs);
  if (!info || x.dtype !== 'float32' || filter.dtype !== 'float32') return undefined;
  const shape = [info.batchSize, info.outChannels, info.outHeight, info.outWidth];
  const inputs = [channelsFirst(graph, x), onnxFilter(graph, filter)];
  return channelsLast(graph, graph.node('Conv', inputs, attributes(info), { shape, dtype: 'float32' }));
}

/** Spreads each number of dy over its window: the transposed convolution. */
export function spreadWindows(
  graph: GraphBuilder,
  dy: Value,
  onnxFilters: Value,
  info: backend_util.Conv2DInfo,
): Value {
  const shape = [info.batchSize, info.inChannels, info.inHeight, info.inWidth];
  const [bottom, right] = remainders(info);
  const inputs = [channelsFirst(graph, dy), onnxFilters];
  const attrs = { ...attributes(info), output_padding: [bottom, right] };
  return channelsLast(graph, graph.node('ConvTranspose', inputs, attrs, { shape, dtype: 'float32' }));
}

function isOutput(dy: Value, info: backend_util.Conv2DInfo): boolean {
  const shape = [info.batchSize, info.outHeight, info.outWidth, info.outChannels];
  return dy.dtype === 'float32' && sameShape(dy.shape, shape);
}

const backpropInput = kernel<{ dy: Value; filter: Value }, ConvolutionAttrs & { inputShape: number[] }>(
  'DepthwiseConv2dNativeBackpropInput',
  (graph, { dy, filter }, attrs) => {
    const info = infoOf(attrs.inputShape, filter.shape, attrs);
    if (!info || !isOutput(dy, info) || filter.dtype !== 'float32') return undefined;
    return spreadWindows(graph, dy, onnxFilter(graph, filter), info);
  },
);

/** For each place of the window: what x had there, times dy, summed over pictures and positions. */
const backpropFilter = kernel<{ x: Value; dy: Value }, ConvolutionAttrs & { filterShape: number[] }>(
  'DepthwiseConv2dNativeBackpropFilter',
  (graph, { x, dy }, attrs) => {
    const info = infoOf(x.shape, attrs.filterShape, attrs);
    if (!info || !isOutput(dy, info) || x.dtype !== 'float32') return undefined;
    const { batchSize, inChannels, outHeight, outWidth, padInfo } = info;
    const { top, bottom, left, right } = padInfo;
    const padded = graph.pad(x, [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]);
    const multiplier = info.outChannels / inChannels;
    const gradients = graph.reshape(dy, [batchSize, outHeight, outWidth, inChannels, multiplier]);
    const places = Array.from({ length: info.filterHeight * info.filterWidth }, (_, place) => {
      const row = Math.floor(place / info.filterWidth) * info.dilationHeight;
      const column = (place % info.filterWidth) * info.dilationWidth;
      const lists = [
        [row, column],
        [row + (outHeight - 1) * info.strideHeight + 1, column + (outWidth - 1) * info.strideWidth + 1],
        [1, 2],
        [info.strideHeight, info.strideWidth],
      ].map((list) => graph.int64s(list));
      const shape = [batchSize, outHeight, outWidth, inChannels];
      const seen = graph.node('Slice', [padded, ...lists], {}, { shape, dtype: 'float32' });
      const products = graph.binary('Mul', graph.reshape(seen, [...shape, 1]), gradients);
      return graph.reduce('ReduceSum', products, [0, 1, 2]);
    });
    return graph.reshape(
      graph.concat(
        places.map((place) => graph.reshape(place, [1, inChannels, multiplier])),
        0,
      ),
      attrs.filterShape,
    );
  },
);

export const depthwise: readonly KernelBuilder[] = [
  kernel<{ x: Value; filter: Value }, ConvolutionAttrs>(
    'DepthwiseConv2dNative',
    (graph, { x, filter }, attrs) => depthwiseConvolution(graph, x, filter, attrs),
  ),
  backpropInput,
  backpropFilter,
];
