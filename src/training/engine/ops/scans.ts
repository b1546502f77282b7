import { util } from '@tensorflow/tfjs-core';
import { type KernelBuilder, type Value, kernel } from './kernel';

interface Axes {
  readonly axis: number | number[];
  readonly keepDims?: boolean;
}

/** Any and All as the largest and smallest of 0 and 1. */
function truth(kernelName: string, opType: 'ReduceMax' | 'ReduceMin'): KernelBuilder {
  return kernel<{ x: Value }, Axes>(kernelName, (graph, { x }, { axis, keepDims = false }) => {
    if (x.dtype !== 'bool' || x.shape.includes(0)) return undefined;
    const axes = util.parseAxisParam(axis, [...x.shape]);
    return graph.cast(graph.reduce(opType, graph.cast(x, 'int32'), axes, keepDims), 'bool');
  });
}

const argMin = kernel<{ x: Value }, Axes>('ArgMin', (graph, { x }, { axis }) => {
  const [at] = util.parseAxisParam(axis, [...x.shape]);
  if (x.dtype !== 'float32' || x.shape.includes(0) || at === undefined) return undefined;
  // Without this a NaN in front would win every comparison.
  const nan = graph.node('IsNaN', [x], {}, { shape: x.shape, dtype: 'bool' });
  const numbers = graph.where(nan, graph.scalar(Infinity), x);
  const shape = x.shape.filter((_, index) => index !== at);
  const found = graph.node('ArgMin', [numbers], { axis: at, keepdims: 0 }, { shape, dtype: 'int64' });
  return graph.cast(found, 'int32');
});

const cumsum = kernel<{ x: Value }, { axis: number; exclusive?: boolean; reverse?: boolean }>(
  'Cumsum',
  (graph, { x }, { axis, exclusive = false, reverse = false }) => {
    const [at] = util.parseAxisParam(axis, [...x.shape]);
    if (x.dtype === 'bool' || x.shape.includes(0) || at === undefined) return undefined;
    const attributes = { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 };
    return graph.node('CumSum', [x, graph.scalar(at, 'int32')], attributes, x);
  },
);

/** Values and where they were; the first of equal values comes first. */
const topK = kernel<{ x: Value }, { k: number; sorted: boolean }>('TopK', (graph, { x }, { k }) => {
  const size = x.shape.at(-1) ?? 0;
  if (x.dtype !== 'float32' || x.shape.includes(0) || k < 1 || k > size) return undefined;
  const shape = [...x.shape.slice(0, -1), k];
  const [values, indices] = graph.nodeWithOutputs(
    'TopK',
    [x, graph.int64s([k])],
    { axis: -1, largest: 1, sorted: 1 },
    [
      { shape, dtype: 'float32' },
      { shape, dtype: 'int64' },
    ],
  );
  return values && indices ? [values, graph.cast(indices, 'int32')] : undefined;
});

/** What runs along an axis: running sums, the largest few, the place of the smallest. */
export const scans: readonly KernelBuilder[] = [
  truth('Any', 'ReduceMax'),
  truth('All', 'ReduceMin'),
  argMin,
  cumsum,
  topK,
];
