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

export const reductions: readonly KernelBuilder[] = [
  reduction('Sum', (graph, x, axes, keepDims) => {
    const dtype = x.dtype === 'bool' ? 'int32' : x.dtype;
    return graph.reduce('ReduceSum', graph.cast(x, dtype), axes, keepDims);
  }),
  reduction('Mean', (graph, x, axes, keepDims) =>
    graph.reduce('ReduceMean', graph.cast(x, 'float32'), axes, keepDims),
  ),
  reduction('Max', (graph, x, axes, keepDims) =>
    x.dtype === 'float32' ? graph.reduce('ReduceMax', x, axes, keepDims) : undefined,
  ),
  reduction('Min', (graph, x, axes, keepDims) =>
    x.dtype === 'float32' ? graph.reduce('ReduceMin', x, axes, keepDims) : undefined,
  ),
  reduction('Prod', (graph, x, axes, keepDims) =>
    x.dtype === 'float32' ? graph.reduce('ReduceProd', x, axes, keepDims) : undefined,
  ),
  reduction('ArgMax', (graph, x, axes) => {
    const [axis] = axes;
    if (x.dtype !== 'float32' || axis === undefined) return undefined;
    const shape = x.shape.filter((_, index) => index !== axis);
    return graph.cast(graph.node('ArgMax', [x], { axis, keepdims: 0 }, { shape, dtype: 'int64' }), 'int32');
  }),
];
