import { type GraphBuilder, type KernelBuilder, type Value, kernel } from './kernel';

interface ResizeAttrs {
  readonly alignCorners: boolean;
  readonly halfPixelCenters?: boolean;
  readonly size: [number, number];
}

/** What each output place takes from the input places. `[outputs, inputs]`, row by row */
type Weights = (outputs: number, inputs: number, attrs: Omit<ResizeAttrs, 'size'>) => Float32Array;

/** Distance between the sources of neighbouring outputs. */
function scaleOf(outputs: number, inputs: number, alignCorners: boolean): number {
  return alignCorners && outputs > 1 ? (inputs - 1) / (outputs - 1) : inputs / outputs;
}

const bilinear: Weights = (outputs, inputs, { alignCorners, halfPixelCenters = false }) => {
  const weights = new Float32Array(outputs * inputs);
  for (let place = 0; place < outputs; place++) {
    const scale = scaleOf(outputs, inputs, alignCorners);
    const source = halfPixelCenters ? scale * (place + 0.5) - 0.5 : scale * place;
    const low = Math.max(0, Math.floor(source));
    const high = Math.min(inputs - 1, Math.ceil(source));
    const part = source - low;
    weights[place * inputs + low] = (weights[place * inputs + low] ?? 0) + 1 - part;
    weights[place * inputs + high] = (weights[place * inputs + high] ?? 0) + part;
  }
  return weights;
};

const nearest: Weights = (outputs, inputs, { alignCorners, halfPixelCenters = false }) => {
  const weights = new Float32Array(outputs * inputs);
  for (let place = 0; place < outputs; place++) {
    const source = scaleOf(outputs, inputs, alignCorners) * (halfPixelCenters ? place + 0.5 : place);
    const at = alignCorners ? Math.round(source) : Math.floor(source);
    weights[place * inputs + Math.max(0, Math.min(inputs - 1, at))] = 1;
  }
  return weights;
};

/** One constant matrix for the rows and one for the columns: x becomes R · x · Cᵀ, a gradient Rᵀ · dy · C. */
function resized(
  graph: GraphBuilder,
  x: Value,
  rows: Value,
  columns: Value,
  transposeA: boolean,
): Value | undefined {
  const [images, height, width, channels] = x.shape;
  const [outHeight, outWidth] = [rows, columns].map((matrix) => matrix.shape[transposeA ? 1 : 0]);
  if (images === undefined || height === undefined || width === undefined || channels === undefined)
    return undefined;
  if (outHeight === undefined || outWidth === undefined || x.shape.includes(0)) return undefined;
  const byRows = graph.matMul(rows, graph.reshape(x, [images, height, width * channels]), { transposeA });
  const lines = graph.reshape(byRows, [images * outHeight, width, channels]);
  return graph.reshape(graph.matMul(columns, lines, { transposeA }), [images, outHeight, outWidth, channels]);
}

function matrices(
  graph: GraphBuilder,
  weights: Weights,
  out: readonly number[],
  source: readonly number[],
  attrs: Omit<ResizeAttrs, 'size'>,
): [Value, Value] {
  const matrix = (outputs = 0, inputs = 0): Value =>
    graph.constant(weights(outputs, inputs, attrs), [outputs, inputs], 'float32');
  return [matrix(out[0], source[1]), matrix(out[1], source[2])];
}

function forward(kernelName: string, weights: Weights): KernelBuilder {
  return kernel<{ images: Value }, ResizeAttrs>(kernelName, (graph, { images }, attrs) => {
    if (images.dtype !== 'float32' || attrs.size.includes(0)) return undefined;
    const [rows, columns] = matrices(graph, weights, attrs.size, images.shape, attrs);
    return resized(graph, images, rows, columns, false);
  });
}

/** TensorFlow.js' gradients know alignCorners only. */
function backward(kernelName: string, weights: Weights): KernelBuilder {
  return kernel<{ images: Value; dy: Value }, { alignCorners: boolean }>(
    kernelName,
    (graph, { images, dy }, { alignCorners }) => {
      if (dy.dtype !== 'float32' || dy.shape.includes(0)) return undefined;
      const [rows, columns] = matrices(graph, weights, dy.shape.slice(1, 3), images.shape, { alignCorners });
      return resized(graph, dy, rows, columns, true);
    },
  );
}

export const resizes: readonly KernelBuilder[] = [
  forward('ResizeBilinear', bilinear),
  forward('ResizeNearestNeighbor', nearest),
  backward('ResizeBilinearGrad', bilinear),
  backward('ResizeNearestNeighborGrad', nearest),
];
