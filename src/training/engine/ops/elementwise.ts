import { type ElementType, type GraphBuilder, type KernelBuilder, type Value, kernel } from './kernel';

interface Pair {
  readonly a: Value;
  readonly b: Value;
}
interface Single {
  readonly x: Value;
}

const numbers: readonly ElementType[] = ['float32', 'int32'];
const everything: readonly ElementType[] = ['float32', 'int32', 'bool'];

/** An operator of two tensors with broadcasting. @param dtype of the result; default: that of the inputs */
function pair(
  kernelName: string,
  opType: string,
  dtypes: readonly ElementType[],
  dtype?: ElementType,
): KernelBuilder {
  return kernel<Pair>(kernelName, (graph, { a, b }) =>
    a.dtype === b.dtype && dtypes.includes(a.dtype)
      ? graph.binary(opType, a, b, dtype ?? a.dtype)
      : undefined,
  );
}

/** An operator of one float tensor. */
function single(kernelName: string, build: (graph: GraphBuilder, x: Value) => Value): KernelBuilder {
  return kernel<Single>(kernelName, (graph, { x }) => (x.dtype === 'float32' ? build(graph, x) : undefined));
}

const same = (name: string, opType = name): KernelBuilder =>
  single(name, (graph, x) => graph.unary(opType, x));

/** `a · b`; a product with 0 or 1 made from a comparison is a choice, which saves writing the 0s and 1s. */
const multiply = kernel<Pair>('Multiply', (graph, { a, b }) => {
  if (a.dtype !== b.dtype || !numbers.includes(a.dtype)) return undefined;
  const mask = graph.producer(b);
  const condition = mask?.opType === 'Cast' ? mask.inputs[0] : undefined;
  if (condition?.dtype === 'bool' && a.dtype === 'float32' && b.shape.join() === a.shape.join())
    return graph.where(condition, a, graph.scalar(0));
  return scaledChoice(graph, a, b) ?? graph.binary('Mul', a, b);
});

/** A choice of 0 and 1 times a number is a choice of 0 and the number: a dropout mask in one pass. */
function scaledChoice(graph: GraphBuilder, a: Value, b: Value): Value | undefined {
  const choice = graph.producer(a);
  const condition = choice?.opType === 'Cast' ? choice.inputs[0] : undefined;
  const number = b.shape.length === 0 ? graph.uniformValue(b) : undefined;
  if (condition?.dtype !== 'bool' || a.dtype !== 'float32' || number === undefined) return undefined;
  return graph.where(condition, graph.scalar(number), graph.scalar(0));
}

/** 1 where x > 0, else alpha. */
const step = kernel<Single, { alpha: number }>('Step', (graph, { x }, { alpha }) => {
  if (x.dtype !== 'float32') return undefined;
  const positive = graph.binary('Greater', x, graph.scalar(0), 'bool');
  return alpha === 0
    ? graph.cast(positive, 'float32')
    : graph.where(positive, graph.scalar(1), graph.scalar(alpha));
});

const squaredDifference = kernel<Pair>('SquaredDifference', (graph, { a, b }) => {
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
  const difference = graph.binary('Sub', a, b);
  return graph.binary('Mul', difference, difference);
});

const select = kernel<{ condition: Value; t: Value; e: Value }>('Select', (graph, { condition, t, e }) => {
  if (t.dtype !== e.dtype || condition.dtype !== 'bool' || t.dtype === 'bool') return undefined;
  const missing = t.shape.length - condition.shape.length;
  const aligned = graph.reshape(condition, [...condition.shape, ...new Array<number>(missing).fill(1)]);
  return graph.where(aligned, t, e);
});

const addN = kernel<readonly Value[]>('AddN', (graph, values) =>
  values.every((value) => value.dtype === 'float32')
    ? values.reduce((sum, value) => graph.binary('Add', sum, value))
    : undefined,
);

const leakyRelu = kernel<Single, { alpha: number }>('LeakyRelu', (graph, { x }, { alpha }) =>
  x.dtype === 'float32' ? graph.node('LeakyRelu', [x], { alpha: { float: alpha } }, x) : undefined,
);

export const elementwise: readonly KernelBuilder[] = [
  pair('Add', 'Add', numbers),
  pair('Sub', 'Sub', numbers),
  pair('RealDiv', 'Div', ['float32']),
  pair('Equal', 'Equal', everything, 'bool'),
  pair('Greater', 'Greater', numbers, 'bool'),
  pair('GreaterEqual', 'GreaterOrEqual', numbers, 'bool'),
  pair('Less', 'Less', numbers, 'bool'),
  pair('LessEqual', 'LessOrEqual', numbers, 'bool'),
  pair('Maximum', 'Max', ['float32']),
  pair('Minimum', 'Min', ['float32']),
  pair('LogicalAnd', 'And', ['bool']),
  pair('LogicalOr', 'Or', ['bool']),
  kernel<Single>('LogicalNot', (graph, { x }) => (x.dtype === 'bool' ? graph.unary('Not', x) : undefined)),
  kernel<Pair>('NotEqual', (graph, { a, b }) =>
    a.dtype === b.dtype ? graph.unary('Not', graph.binary('Equal', a, b, 'bool')) : undefined,
  ),
  multiply,
  step,
  squaredDifference,
  select,
  addN,
  leakyRelu,
  ...[
    'Relu',
    'Exp',
    'Log',
    'Sqrt',
    'Tanh',
    'Sigmoid',
    'Erf',
    'Neg',
    'Abs',
    'Floor',
    'Ceil',
    'Sin',
    'Cos',
  ].map((name) => same(name)),
  same('Reciprocal'),
  same('Softplus'),
  single('Square', (graph, x) => graph.binary('Mul', x, x)),
  single('Rsqrt', (graph, x) => graph.unary('Reciprocal', graph.unary('Sqrt', x))),
  single('Relu6', (graph, x) => graph.node('Clip', [x, graph.scalar(0), graph.scalar(6)], {}, x)),
];
