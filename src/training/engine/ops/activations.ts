import { type GraphBuilder, type KernelBuilder, type Value, kernel } from './kernel';

interface Single {
  readonly x: Value;
}
interface Pair {
  readonly a: Value;
  readonly b: Value;
}

function float(kernelName: string, build: (graph: GraphBuilder, x: Value) => Value): KernelBuilder {
  return kernel<Single>(kernelName, (graph, { x }) => (x.dtype === 'float32' ? build(graph, x) : undefined));
}

const asked = (graph: GraphBuilder, opType: 'IsNaN' | 'IsInf', x: Value): Value =>
  graph.node(opType, [x], {}, { shape: x.shape, dtype: 'bool' });

/** dy where y ≥ 0, else dy · (y + 1). */
const eluGrad = kernel<{ dy: Value; y: Value }>('EluGrad', (graph, { dy, y }) => {
  if (dy.dtype !== 'float32' || y.dtype !== 'float32') return undefined;
  const positive = graph.binary('GreaterOrEqual', y, graph.scalar(0), 'bool');
  return graph.where(positive, dy, graph.binary('Mul', dy, graph.withScalar('Add', y, 1)));
});

/** x, or alpha · x where x < 0; alpha broadcasts. */
const prelu = kernel<{ x: Value; alpha: Value }>('Prelu', (graph, { x, alpha }) => {
  if (x.dtype !== 'float32' || alpha.dtype !== 'float32') return undefined;
  const negative = graph.binary('Less', x, graph.scalar(0), 'bool');
  return graph.where(negative, graph.binary('Mul', x, alpha), x);
});

/** By comparisons, so that NaN stays NaN. */
const clipByValue = kernel<Single, { clipValueMin: number; clipValueMax: number }>(
  'ClipByValue',
  (graph, { x }, { clipValueMin, clipValueMax }) => {
    if (x.dtype !== 'float32') return undefined;
    const [low, high] = [graph.scalar(clipValueMin), graph.scalar(clipValueMax)];
    const raised = graph.where(graph.binary('Less', x, low, 'bool'), low, x);
    return graph.where(graph.binary('Greater', x, high, 'bool'), high, raised);
  },
);

const pow = kernel<Pair>('Pow', (graph, { a, b }) =>
  a.dtype === 'float32' && b.dtype === 'float32' ? graph.binary('Pow', a, b) : undefined,
);

/** The remainder with the sign of the divisor, where ONNX gives it the sign of the dividend. */
const mod = kernel<Pair>('Mod', (graph, { a, b }) => {
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
  const remainder = (x: Value, y: Value): Value =>
    graph.node('Mod', [x, y], { fmod: 1 }, graph.binary('Add', x, y));
  const first = remainder(a, b);
  const negative = (x: Value): Value => graph.binary('Less', x, graph.scalar(0), 'bool');
  const sameSign = graph.binary('Equal', negative(a), negative(b), 'bool');
  return graph.where(sameSign, first, remainder(graph.binary('Add', first, b), b));
});

/** e^x − 1 = 2 · sinh(x/2) · e^(x/2) near 0, where subtracting would lose the digits. */
function expm1(graph: GraphBuilder, x: Value): Value {
  const half = graph.withScalar('Mul', x, 0.5);
  const sinh = graph.withScalar('Mul', graph.unary('Sinh', half), 2);
  const near = graph.binary('Mul', sinh, graph.unary('Exp', half));
  const far = graph.withScalar('Sub', graph.unary('Exp', x), 1);
  return graph.where(isSmall(graph, x, 1), near, far);
}

/** log(1 + x) = 2 · atanh(x / (2 + x)) near 0, where adding 1 would lose the digits. */
function log1p(graph: GraphBuilder, x: Value): Value {
  const ratio = graph.binary('Div', x, graph.withScalar('Add', x, 2));
  const near = graph.withScalar('Mul', graph.unary('Atanh', ratio), 2);
  const far = graph.unary('Log', graph.withScalar('Add', x, 1));
  return graph.where(isSmall(graph, x, 0.5), near, far);
}

function isSmall(graph: GraphBuilder, x: Value, limit: number): Value {
  return graph.binary('Less', graph.unary('Abs', x), graph.scalar(limit), 'bool');
}

/** Elementwise functions beyond the four rules: activations, trigonometry, careful logarithms. */
export const activations: readonly KernelBuilder[] = [
  eluGrad,
  prelu,
  clipByValue,
  pow,
  mod,
  float('Expm1', expm1),
  float('Log1p', log1p),
  // The sign of NaN is 0 in TensorFlow.js.
  float('Sign', (graph, x) => graph.where(asked(graph, 'IsNaN', x), graph.scalar(0), graph.unary('Sign', x))),
  ...['Elu', 'Selu', 'Round', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Asinh', 'Acosh'].map((name) =>
    float(name, (graph, x) => graph.unary(name, x)),
  ),
  float('Atanh', (graph, x) => graph.unary('Atanh', x)),
  float('IsNan', (graph, x) => asked(graph, 'IsNaN', x)),
  float('IsInf', (graph, x) => asked(graph, 'IsInf', x)),
  float('IsFinite', (graph, x) =>
    graph.unary('Not', graph.binary('Or', asked(graph, 'IsInf', x), asked(graph, 'IsNaN', x))),
  ),
];
