import { slice_util, util } from '@tensorflow/tfjs-core';
import { type GraphBuilder, type KernelBuilder, type Value, kernel, sameShape, sizeOf } from './kernel';

/** Where a slice with negative steps ends so that the first element is in it. */
const BEFORE_FIRST = -(2 ** 31);

/** x[start : end : step] along the given axes; `shape` is what comes out. */
function stepSlice(
  graph: GraphBuilder,
  x: Value,
  range: { starts: number[]; ends: number[]; axes: number[]; steps: number[] },
  shape: readonly number[],
): Value {
  const { starts, ends, axes, steps } = range;
  const inputs = [x, ...[starts, ends, axes, steps].map((list) => graph.int64s(list))];
  return graph.node('Slice', inputs, {}, { shape, dtype: x.dtype });
}

function reversed(graph: GraphBuilder, x: Value, axes: number[]): Value {
  if (axes.length === 0) return x;
  const range = {
    starts: axes.map(() => -1),
    ends: axes.map(() => BEFORE_FIRST),
    axes,
    steps: axes.map(() => -1),
  };
  return stepSlice(graph, x, range, x.shape);
}

const reverse = kernel<{ x: Value }, { dims: number | number[] }>('Reverse', (graph, { x }, { dims }) =>
  x.shape.includes(0) ? undefined : reversed(graph, x, util.parseAxisParam(dims, [...x.shape])),
);

const flipLeftRight = kernel<{ image: Value }>('FlipLeftRight', (graph, { image }) =>
  image.dtype === 'float32' && !image.shape.includes(0) ? reversed(graph, image, [2]) : undefined,
);

interface StridedSliceAttrs {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

const stridedSlice = kernel<{ x: Value }, StridedSliceAttrs>('StridedSlice', (graph, { x }, attrs) => {
  const info = slice_util.sliceInfo(
    [...x.shape],
    attrs.begin,
    attrs.end,
    attrs.strides,
    attrs.beginMask,
    attrs.endMask,
    attrs.ellipsisMask,
    attrs.newAxisMask,
    attrs.shrinkAxisMask,
  );
  if (info.isIdentity) return graph.reshape(x, info.finalShape);
  const sizes = slice_util.computeOutShape(info.begin, info.end, info.strides);
  if (x.shape.includes(0) || sizes.includes(0) || sizeOf(sizes) !== sizeOf(info.finalShape)) return undefined;
  const range = {
    starts: info.begin,
    ends: info.end.map((end, axis) => ((info.strides[axis] ?? 1) < 0 && end < 0 ? BEFORE_FIRST : end)),
    axes: x.shape.map((_, axis) => axis),
    steps: info.strides,
  };
  return graph.reshape(stepSlice(graph, x, range, sizes), info.finalShape);
});

/** Each padded axis by a table of the places that its elements come from. */
const mirrorPad = kernel<{ x: Value }, { paddings: [number, number][]; mode: 'reflect' | 'symmetric' }>(
  'MirrorPad',
  (graph, { x }, { paddings, mode }) => {
    if (x.shape.includes(0)) return undefined;
    const edge = mode === 'reflect' ? 0 : 1;
    return paddings.reduce((padded, [before, after], axis) => {
      if (before === 0 && after === 0) return padded;
      const size = x.shape[axis] ?? 1;
      const places = Int32Array.from({ length: before + size + after }, (_, index) => {
        const at = index - before;
        return at < 0 ? -at - edge : at < size ? at : 2 * size - 2 - at + edge;
      });
      return graph.gather(padded, graph.constant(places, [places.length], 'int32'), axis);
    }, x);
  },
);

const gatherNd = kernel<{ params: Value; indices: Value }>('GatherNd', (graph, { params, indices }) => {
  const depth = indices.shape.at(-1) ?? 0;
  if (indices.dtype !== 'int32' || indices.shape.length === 0 || depth === 0 || depth > params.shape.length)
    return undefined;
  if (params.shape.includes(0) || indices.shape.includes(0)) return undefined;
  const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)];
  return graph.node('GatherND', [params, graph.cast(indices, 'int64')], {}, { shape, dtype: params.dtype });
});

/** Values at the same place are added up. */
const scatterNd = kernel<{ indices: Value; updates: Value }, { shape: number[] }>(
  'ScatterNd',
  (graph, { indices, updates }, { shape }) => {
    const depth = indices.shape.at(-1) ?? 0;
    if (indices.dtype !== 'int32' || updates.dtype !== 'float32' || indices.shape.length < 2)
      return undefined;
    if (depth === 0 || depth > shape.length || [...shape, ...updates.shape].includes(0)) return undefined;
    const expected = [...indices.shape.slice(0, -1), ...shape.slice(depth)];
    if (!sameShape(updates.shape, expected)) return undefined;
    return scatterAdd(graph, shape, graph.cast(indices, 'int64'), updates);
  },
);

/** Rows that are added up by segment: what a gradient was before it became a table. */
export interface Segments {
  /** `[n, ...]` */
  readonly rows: Value;
  /** int32 `[n]` */
  readonly ids: Value;
}

const segments = new WeakMap<Value, Segments>();

/** The rows that a value is the sums of; undefined for whatever is not a sum by segments. */
export function segmentsOf(value: Value): Segments | undefined {
  return segments.get(value);
}

/**
 * Rows of the same segment added up: the gradient of a gather, so of every embedding.
 * Only rows of x are touched; an id outside the range adds nothing, as in TensorFlow.js.
 */
const unsortedSegmentSum = kernel<{ x: Value; segmentIds: Value }, { numSegments: number }>(
  'UnsortedSegmentSum',
  (graph, { x, segmentIds }, { numSegments }) => {
    if (x.dtype !== 'float32' || segmentIds.dtype !== 'int32' || segmentIds.shape.length !== 1)
      return undefined;
    const [rows] = x.shape;
    if (rows !== segmentIds.shape[0] || x.shape.includes(0) || numSegments === 0) return undefined;
    const tooLow = graph.binary('Less', segmentIds, graph.scalar(0, 'int32'), 'bool');
    const tooHigh = graph.binary('GreaterOrEqual', segmentIds, graph.scalar(numSegments, 'int32'), 'bool');
    const outside = graph.binary('Or', tooLow, tooHigh);
    const ids = graph.cast(graph.where(outside, graph.scalar(0, 'int32'), segmentIds), 'int64');
    const perRow = graph.reshape(outside, [...segmentIds.shape, ...x.shape.slice(1).map(() => 1)]);
    const added = graph.where(perRow, graph.scalar(0), x);
    const places = graph.reshape(ids, [rows ?? 1, 1]);
    const sums = scatterAdd(graph, [numSegments, ...x.shape.slice(1)], places, added);
    segments.set(sums, { rows: x, ids: segmentIds });
    return sums;
  },
);

function scatterAdd(graph: GraphBuilder, shape: readonly number[], indices: Value, updates: Value): Value {
  const zeros = graph.constant(new Float32Array(sizeOf(shape)), shape, 'float32');
  return graph.node('ScatterND', [zeros, indices, updates], { reduction: 'add' }, zeros);
}

/** Reading and writing at places: steps, mirrors, tables of indices. */
export const indexing: readonly KernelBuilder[] = [
  reverse,
  flipLeftRight,
  stridedSlice,
  mirrorPad,
  gatherNd,
  scatterNd,
  unsortedSegmentSum,
];
