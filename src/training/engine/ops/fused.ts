import type { backend_util } from '@tensorflow/tfjs-core';
import { convolutions } from './convolution';
import type { ConvolutionAttrs } from './convolution-info';
import { depthwiseConvolution } from './depthwise';
import { type GraphBuilder, type KernelBuilder, type Value, kernel } from './kernel';

interface Finish {
  readonly bias?: Value;
  readonly preluActivationWeights?: Value;
}
interface FinishAttrs {
  readonly activation?: backend_util.Activation;
  readonly leakyreluAlpha?: number;
}

/** Bias and activation after a product. @returns undefined for an activation that is not known here */
function finish(
  graph: GraphBuilder,
  product: Value | undefined,
  { bias, preluActivationWeights }: Finish,
  { activation = 'linear', leakyreluAlpha = 0.2 }: FinishAttrs,
): Value | undefined {
  if (!product) return undefined;
  const sum = bias ? graph.binary('Add', product, bias) : product;
  switch (activation) {
    case 'linear':
      return sum;
    case 'relu':
      return graph.unary('Relu', sum);
    case 'elu':
      return graph.unary('Elu', sum);
    case 'sigmoid':
      return graph.unary('Sigmoid', sum);
    case 'relu6':
      return graph.node('Clip', [sum, graph.scalar(0), graph.scalar(6)], {}, sum);
    case 'leakyrelu':
      return graph.node('LeakyRelu', [sum], { alpha: { float: leakyreluAlpha } }, sum);
    case 'prelu': {
      if (!preluActivationWeights) return undefined;
      const negative = graph.binary('Less', sum, graph.scalar(0), 'bool');
      return graph.where(negative, graph.binary('Mul', sum, preluActivationWeights), sum);
    }
    default:
      return undefined;
  }
}

const fusedMatMul = kernel<
  { a: Value; b: Value } & Finish,
  { transposeA?: boolean; transposeB?: boolean } & FinishAttrs
>('_FusedMatMul', (graph, { a, b, ...rest }, attrs) => {
  if ([a, b].some((value) => value.dtype !== 'float32' || value.shape.includes(0))) return undefined;
  return finish(graph, graph.matMul(a, b, attrs), rest, attrs);
});

const conv2D = convolutions.find(({ kernelName }) => kernelName === 'Conv2D');

const fusedConv2D = kernel<{ x: Value; filter: Value } & Finish, FinishAttrs & { dataFormat?: string }>(
  'FusedConv2D',
  (graph, { x, filter, ...rest }, attrs) => {
    const product = conv2D?.build(graph, { x, filter } as never, attrs as never) as Value | undefined;
    return finish(graph, product, rest, attrs);
  },
);

const fusedDepthwise = kernel<{ x: Value; filter: Value } & Finish, ConvolutionAttrs & FinishAttrs>(
  'FusedDepthwiseConv2D',
  (graph, { x, filter, ...rest }, attrs) =>
    attrs.dataFormat === 'NCHW'
      ? undefined
      : finish(graph, depthwiseConvolution(graph, x, filter, attrs), rest, attrs),
);

/** ONNX's Einsum has the same notation. */
const einsum = kernel<readonly Value[], { equation: string }>('Einsum', (graph, values, { equation }) => {
  const text = equation.replace(/\s/g, '');
  const [left = '', right, ...more] = text.split('->');
  const terms = left.split(',');
  // TensorFlow.js's own code says what is wrong, and takes at most two.
  if (right === undefined || more.length > 0 || !/^[A-Za-z,>-]*$/.test(text)) return undefined;
  if (terms.length !== values.length || terms.length > 2) return undefined;
  if (values.some(({ dtype, shape }) => dtype !== 'float32' || shape.includes(0))) return undefined;
  const sizes = new Map<string, number>();
  for (const [index, term] of terms.entries())
    for (const [axis, letter] of [...term].entries()) {
      const size = values[index]?.shape[axis];
      if (size === undefined || (sizes.has(letter) && sizes.get(letter) !== size)) return undefined;
      if (values[index]?.shape.length !== term.length || new Set(term).size !== term.length) return undefined;
      sizes.set(letter, size);
    }
  const shape = [...right].map((letter) => sizes.get(letter) ?? 0);
  if (shape.includes(0)) return undefined;
  return graph.node('Einsum', values, { equation: text }, { shape, dtype: 'float32' });
});

/** Products with what comes after them, and products by formula. */
export const fused: readonly KernelBuilder[] = [fusedMatMul, fusedConv2D, fusedDepthwise, einsum];
