import { util } from '@tensorflow/tfjs-core';
import { type GraphBuilder, type KernelBuilder, type Value, kernel } from './kernel';

interface Axes {
  readonly axis?: number | number[];
  /** What Max calls its axes. */
  readonly reductionIndices?: number | number[];
  readonly keepDims?: boolean;
}

function reduction(
  kernelName: string,
  build: (graph: GraphBuilder, x: Value, axes: number[], keepDims: boolean) => Value | undefined,
): KernelBuilder {
  return kernel<{ x: Value }, Axes>(
    kernelName,
    (graph, { x }, { axis, reductionIndices, keepDims = false }) => {
      // Without an element to reduce, each reduction has a value of its own.
      if (x.shape.includes(0)) return undefined;
      return build(
        graph,
        x,
        util.parseAxisParam((axis ?? reductionIndices) as number[], [...x.shape]),
        keepDims,
      );
    },
  );
}

/** ONNX Runtime passes over NaN, TensorFlow.js gives it back. */
function extreme(kernelName: string, opType: 'ReduceMax' | 'ReduceMin'): KernelBuilder {
  return reduction(kernelName, (graph, x, axes, keepDims) => {
    if (x.dtype !== 'float32') return undefined;
    const isNaN = graph.node('IsNaN', [x], {}, { shape: x.shape, dtype: 'bool' });
    const anyNaN = graph.reduce('ReduceMax', graph.cast(isNaN, 'float32'), axes, keepDims);
    const reduced = graph.reduce(opType, x, axes, keepDims);
    return graph.where(graph.binary('Greater', anyNaN, graph.scalar(0), 'bool'), graph.scalar(NaN), reduced);
  });
}

export const reductions: readonly KernelBuilder[] = [
  reduction('Sum', (graph, x, axes, keepDims) => {
    const dtype = x.dtype === 'bool' ? 'int32' : x.dtype;
    return graph.reduce('ReduceSum', graph.cast(x, dtype), axes, keepDims);
  }),
  reduction('Mean', (graph, x, axes, keepDims) =>
    graph.reduce('ReduceMean', graph.cast(x, 'float32'), axes, keepDims),
  ),
  extreme('Max', 'ReduceMax'),
  extreme('Min', 'ReduceMin'),
  reduction('Prod', (graph, x, axes, keepDims) =>
    x.dtype === 'float32' ? graph.reduce('ReduceProd', x, axes, keepDims) : undefined,
  ),
  reduction('ArgMax', (graph, x, axes) => {
    const [axis] = axes;
    if (x.dtype !== 'float32' || axis === undefined) return undefined;
    const shape = x.shape.filter((_, index) => index !== axis);
    // Without this a NaN in front would win every comparison.
    const nan = graph.node('IsNaN', [x], {}, { shape: x.shape, dtype: 'bool' });
    const numbers = graph.where(nan, graph.scalar(-Infinity), x);
    return graph.cast(
      graph.node('ArgMax', [numbers], { axis, keepdims: 0 }, { shape, dtype: 'int64' }),
      'int32',
    );
  }),
];
