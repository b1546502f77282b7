import { type ConvolutionAttrs, convolutionInfo } from './convolution-info';
import {
  type ConvolutionShape,
  chunkSize,
  columns,
  images,
  makeSliceable,
  sumColumns,
  withZeroRow,
} from './im2col';
import { type GraphBuilder, type KernelBuilder, type Value, kernel, sameShape } from './kernel';
import { suitsWinograd, winograd, winogradFilterGradient, winogradInputGradient } from './winograd';

function shapeOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: ConvolutionAttrs,
): ConvolutionShape | undefined {
  const info = convolutionInfo(inputShape, filterShape, attrs, false);
  return info && { ...info, padTop: info.padInfo.top, padLeft: info.padInfo.left };
}

/** A zero padding in front of a convolution becomes part of it. */
function withoutPadding(graph: GraphBuilder, x: Value, s: ConvolutionShape): [Value, ConvolutionShape] {
  const pad = graph.producer(x);
  const [source, pads, fill] = pad?.opType === 'Pad' ? pad.inputs : [];
  if (!source || !pads || !fill || graph.uniformValue(fill) !== 0) return [x, s];
  const amounts = Array.from(graph.dataOf(pads) ?? [], Number);
  const [n, top = 0, left = 0, c, n2, , , c2] = amounts;
  if (n !== 0 || c !== 0 || n2 !== 0 || c2 !== 0) return [x, s];
  const [, inHeight = 0, inWidth = 0] = source.shape;
  return [source, { ...s, inHeight, inWidth, padTop: s.padTop + top, padLeft: s.padLeft + left }];
}

/** x as rows of windows times the filter as a matrix `[window · in, out]`; 3×3 filters take Winograd's way. */
const conv2D = kernel<{ x: Value; filter: Value }, ConvolutionAttrs>(
  'Conv2D',
  (graph, { x, filter }, attrs) => {
    const padded = shapeOf(x.shape, filter.shape, attrs);
    if (!padded || x.dtype !== 'float32' || filter.dtype !== 'float32') return undefined;
    const [source, s] = withoutPadding(graph, x, padded);
    if (suitsWinograd(s)) return winograd(graph, source, filter, s);
    const matrix = graph.reshape(filter, [s.filterHeight * s.filterWidth * s.inChannels, s.outChannels]);
    const parts = chunks(s).map(([first, count]) => {
      const y = graph.matMul(columns(graph, images(graph, source, first, count), s), matrix);
      return graph.reshape(y, [count, s.outHeight, s.outWidth, s.outChannels]);
    });
    return graph.concat(parts, 0);
  },
);

const conv2DBackpropFilter = kernel<{ x: Value; dy: Value }, ConvolutionAttrs & { filterShape: number[] }>(
  'Conv2DBackpropFilter',
  (graph, { x, dy }, attrs) => {
    const padded = shapeOf(x.shape, attrs.filterShape, attrs);
    if (!padded || x.dtype !== 'float32' || !isOutput(dy, padded)) return undefined;
    const [source, s] = withoutPadding(graph, x, padded);
    if (suitsWinograd(s)) return winogradFilterGradient(graph, source, dy, s);
    const parts = chunks(s).map(([first, count]) => {
      const rows = columns(graph, images(graph, source, first, count), s);
      const flat = graph.reshape(images(graph, dy, first, count), [
        count * s.outHeight * s.outWidth,
        s.outChannels,
      ]);
      return graph.matMul(rows, flat, { transposeA: true });
    });
    const sum = parts.reduce((total, part) => graph.binary('Add', total, part));
    return graph.reshape(sum, attrs.filterShape);
  },
);

const conv2DBackpropInput = kernel<{ dy: Value; filter: Value }, ConvolutionAttrs & { inputShape: number[] }>(
  'Conv2DBackpropInput',
  (graph, { dy, filter }, attrs) => {
    const s = shapeOf(attrs.inputShape, filter.shape, attrs);
    if (!s || filter.dtype !== 'float32' || !isOutput(dy, s)) return undefined;
    const whole = inputGradient(graph, dy, filter, s);
    makeSliceable(graph, whole, (begin, size) => {
      const [n, top = 0, left = 0, c] = begin;
      const [images_, inHeight = 0, inWidth = 0, channels] = size;
      if (n !== 0 || c !== 0 || images_ !== s.batchSize || channels !== s.inChannels) return undefined;
      const part = { ...s, inHeight, inWidth, padTop: s.padTop + top, padLeft: s.padLeft + left };
      return inputGradient(graph, dy, filter, part);
    });
    return whole;
  },
);

function inputGradient(graph: GraphBuilder, dy: Value, filter: Value, s: ConvolutionShape): Value {
  if (suitsWinograd(s)) return winogradInputGradient(graph, dy, filter, s);
  const window = s.filterHeight * s.filterWidth;
  const matrix = graph.reshape(filter, [window * s.inChannels, s.outChannels]);
  const positions = s.outHeight * s.outWidth;
  const pointwise =
    window === 1 && s.strideHeight === 1 && s.strideWidth === 1 && positions === s.inHeight * s.inWidth;
  const parts = chunks(s).map(([first, count]) => {
    const flat = graph.reshape(images(graph, dy, first, count), [count, positions, s.outChannels]);
    const padded = pointwise ? flat : withZeroRow(graph, flat);
    const rows = graph.reshape(padded, [count * (padded.shape[1] ?? 0), s.outChannels]);
    const product = graph.matMul(rows, matrix, { transposeB: true });
    if (pointwise) return graph.reshape(product, [count, s.inHeight, s.inWidth, s.inChannels]);
    return sumColumns(graph, graph.reshape(product, [count, positions + 1, window * s.inChannels]), s);
  });
  return graph.concat(parts, 0);
}

/** TensorFlow.js does not check that a gradient has the shape that the convolution would give. */
function isOutput(dy: Value, s: ConvolutionShape): boolean {
  const shape = [s.batchSize, s.outHeight, s.outWidth, s.outChannels];
  return dy.dtype === 'float32' && sameShape(dy.shape, shape);
}

function chunks(s: ConvolutionShape): [number, number][] {
  const size = chunkSize(s);
  return Array.from({ length: Math.ceil(s.batchSize / size) }, (_, index) => [
    index * size,
    Math.min(size, s.batchSize - index * size),
  ]);
}

export const convolutions: readonly KernelBuilder[] = [conv2D, conv2DBackpropFilter, conv2DBackpropInput];
