import { backend_util, slice_util, util } from '@tensorflow/tfjs-core';
import { sliceableOf } from './im2col';
import { type ElementType, type KernelBuilder, type Value, kernel, sameShape, sizeOf } from './kernel';

const transpose = kernel<{ x: Value }, { perm: number[] }>('Transpose', (graph, { x }, { perm }) =>
  x.shape.includes(0) ? undefined : graph.transpose(x, perm),
);

const cast = kernel<{ x: Value }, { dtype: string }>('Cast', (graph, { x }, { dtype }) => {
  if (dtype === x.dtype) return x;
  if (dtype === 'bool') {
    const zero = graph.scalar(0, x.dtype === 'int32' ? 'int32' : 'float32');
    return graph.unary('Not', graph.binary('Equal', x, zero, 'bool'));
  }
  return dtype === 'float32' || dtype === 'int32' ? graph.cast(x, dtype) : undefined;
});

const pad = kernel<{ x: Value }, { paddings: [number, number][]; constantValue: number }>(
  'PadV2',
  (graph, { x }, { paddings, constantValue }) =>
    x.dtype === 'bool' || x.shape.includes(0) ? undefined : graph.pad(x, paddings, constantValue),
);

const slice = kernel<{ x: Value }, { begin: number | number[]; size: number | number[] }>(
  'Slice',
  (graph, { x }, { begin, size }) => {
    const [starts, sizes] = slice_util.parseSliceParams(
      { shape: x.shape, rank: x.shape.length } as never,
      begin,
      size,
    ) as [number[], number[]];
    if (x.shape.length === 0 || sizes.includes(0)) return undefined;
    slice_util.assertParamsValid({ shape: x.shape, rank: x.shape.length } as never, starts, sizes);
    return sliceableOf(graph, x)?.(starts, sizes) ?? graph.slice(x, starts, sizes);
  },
);

const tile = kernel<{ x: Value }, { reps: number[] }>('Tile', (graph, { x }, { reps }) => {
  const shape = x.shape.map((size, axis) => size * (reps[axis] ?? 1));
  if (shape.includes(0)) return undefined;
  if (x.shape.every((size, axis) => size === 1 || reps[axis] === 1)) return graph.expand(x, shape);
  return graph.node('Tile', [x, graph.int64s(reps)], {}, { shape, dtype: x.dtype });
});

const concat = kernel<readonly Value[], { axis: number }>('Concat', (graph, values, { axis }) => {
  const [first] = values;
  if (!first || values.some((value) => value.dtype !== first.dtype)) return undefined;
  const at = util.parseAxisParam(axis, [...first.shape])[0] ?? 0;
  const rest = ({ shape }: Value): string => shape.filter((_, index) => index !== at).join();
  // TensorFlow.js's own code says what is wrong.
  if (values.some((value) => rest(value) !== rest(first))) return undefined;
  const filled = values.filter((value) => sizeOf(value.shape) > 0);
  return filled.length === 0 ? undefined : graph.concat(filled, at);
});

const pack = kernel<readonly Value[], { axis: number }>('Pack', (graph, values, { axis }) => {
  const [first] = values;
  if (!first || first.shape.includes(0)) return undefined;
  if (values.some(({ shape, dtype }) => dtype !== first.dtype || shape.join() !== first.shape.join()))
    return undefined;
  const at = axis < 0 ? axis + first.shape.length + 1 : axis;
  const shape = [...first.shape.slice(0, at), 1, ...first.shape.slice(at)];
  return graph.concat(
    values.map((value) => graph.reshape(value, shape)),
    at,
  );
});

const unpack = kernel<{ value: Value }, { axis: number }>('Unpack', (graph, { value }, { axis }) => {
  const at = axis < 0 ? axis + value.shape.length : axis;
  if (value.shape.includes(0)) return undefined;
  const rest = value.shape.filter((_, index) => index !== at);
  return Array.from({ length: value.shape[at] ?? 0 }, (_, index) => {
    const begin = value.shape.map((__, a) => (a === at ? index : 0));
    const size = value.shape.map((n, a) => (a === at ? 1 : n));
    return graph.reshape(graph.slice(value, begin, size), rest);
  });
});

const splitV = kernel<{ x: Value }, { numOrSizeSplits: number | number[]; axis: number }>(
  'SplitV',
  (graph, { x }, { numOrSizeSplits, axis }) => {
    const at = util.parseAxisParam(axis, [...x.shape])[0] ?? 0;
    const sizes = backend_util.prepareSplitSize(x as never, numOrSizeSplits, at);
    if (x.shape.includes(0) || sizes.includes(0)) return undefined;
    let start = 0;
    return sizes.map((length) => {
      const begin = x.shape.map((_, a) => (a === at ? start : 0));
      start += length;
      return graph.slice(
        x,
        begin,
        x.shape.map((n, a) => (a === at ? length : n)),
      );
    });
  },
);

const gather = kernel<{ x: Value; indices: Value }, { axis: number; batchDims: number }>(
  'GatherV2',
  (graph, { x, indices }, { axis, batchDims }) => {
    if (indices.dtype !== 'int32' || sizeOf(x.shape) === 0) return undefined;
    const at = util.parseAxisParam(axis, [...x.shape])[0] ?? 0;
    if (batchDims === 0) return graph.gather(x, indices, at);
    // Each batch entry has rows of its own: GatherND counts its batch axes alike, and picks along the next one.
    const alike = sameShape(x.shape.slice(0, batchDims), indices.shape.slice(0, batchDims));
    if (batchDims !== at || !alike || indices.shape.includes(0)) return undefined;
    const places = graph.cast(graph.reshape(indices, [...indices.shape, 1]), 'int64');
    const shape = [...indices.shape, ...x.shape.slice(at + 1)];
    return graph.node('GatherND', [x, places], { batch_dims: batchDims }, { shape, dtype: x.dtype });
  },
);

/** Rows of the identity, mixed with onValue and offValue. */
const oneHot = kernel<
  { indices: Value },
  { depth: number; onValue: number; offValue: number; dtype: ElementType }
>('OneHot', (graph, { indices }, { depth, onValue, offValue, dtype }) => {
  if (indices.dtype !== 'int32' || depth === 0 || indices.shape.includes(0)) return undefined;
  const classes = graph.constant(
    Int32Array.from({ length: depth }, (_, i) => i),
    [depth],
    'int32',
  );
  const hit = graph.binary('Equal', graph.reshape(indices, [...indices.shape, 1]), classes, 'bool');
  const number = dtype === 'int32' ? 'int32' : 'float32';
  return graph.cast(graph.where(hit, graph.scalar(onValue, number), graph.scalar(offValue, number)), dtype);
});

const zerosLike = kernel<{ x: Value }>('ZerosLike', (graph, { x }) =>
  graph.constant(zeros(x), x.shape, x.dtype),
);

function zeros({ shape, dtype }: Value): Float32Array | Int32Array | Uint8Array {
  const size = sizeOf(shape);
  return dtype === 'float32'
    ? new Float32Array(size)
    : dtype === 'int32'
      ? new Int32Array(size)
      : new Uint8Array(size);
}

const onesLike = kernel<{ x: Value }>('OnesLike', (graph, { x }) =>
  graph.constant(zeros(x).fill(1), x.shape, x.dtype),
);

export const shapes: readonly KernelBuilder[] = [
  transpose,
  cast,
  pad,
  slice,
  tile,
  concat,
  pack,
  unpack,
  splitV,
  gather,
  oneHot,
  zerosLike,
  onesLike,
];
