import { type KernelBuilder, type Value, kernel } from './kernel';

interface BatchNormInputs {
  readonly x: Value;
  readonly mean: Value;
  readonly variance: Value;
  readonly scale?: Value;
  readonly offset?: Value;
}

/** With given statistics: x·g + (offset − mean·g), g = scale / sqrt(variance + ε); two passes over x. */
const fusedBatchNorm = kernel<BatchNormInputs, { varianceEpsilon: number }>(
  'FusedBatchNorm',
  (graph, { x, mean, variance, scale, offset }, { varianceEpsilon }) => {
    const deviation = graph.unary('Sqrt', graph.withScalar('Add', variance, varianceEpsilon));
    const gain = scale ? graph.binary('Div', scale, deviation) : graph.unary('Reciprocal', deviation);
    const shift = graph.binary('Mul', mean, gain);
    const constant = offset ? graph.binary('Sub', offset, shift) : graph.unary('Neg', shift);
    return graph.binary('Add', graph.binary('Mul', x, gain), constant);
  },
);

const softmax = kernel<{ logits: Value }, { dim: number }>('Softmax', (graph, { logits }, { dim }) =>
  logits.dtype === 'float32' && logits.shape.length > 0
    ? graph.node('Softmax', [logits], { axis: dim }, logits)
    : undefined,
);

const logSoftmax = kernel<{ logits: Value }, { axis: number }>('LogSoftmax', (graph, { logits }, { axis }) =>
  logits.dtype === 'float32' && logits.shape.length > 0
    ? graph.node('LogSoftmax', [logits], { axis }, logits)
    : undefined,
);

export const normalizations: readonly KernelBuilder[] = [fusedBatchNorm, softmax, logSoftmax];
