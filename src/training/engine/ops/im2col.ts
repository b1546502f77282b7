import type { GraphBuilder, Value } from './kernel';

/** A 2-D convolution over `[batch, height, width, channels]`, with all sizes. */
export interface ConvolutionShape {
  readonly batchSize: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
}

/** Columns above this many floats are made for part of the batch at a time. */
const LARGEST_COLUMNS = 2 ** 24;

/** Gives a part of a tensor without computing the rest: gradients of padded inputs are sliced right away. */
type Slicer = (begin: readonly number[], size: readonly number[]) => Value | undefined;
const slicers = new WeakMap<GraphBuilder, Map<Value, Slicer>>();

export function makeSliceable(graph: GraphBuilder, value: Value, slicer: Slicer): void {
  const map = slicers.get(graph) ?? new Map<Value, Slicer>();
  slicers.set(graph, map.set(value, slicer));
}

export function sliceableOf(graph: GraphBuilder, value: Value): Slicer | undefined {
  return slicers.get(graph)?.get(value);
}

/** How many images' columns are made at once. */
export function chunkSize(s: ConvolutionShape): number {
  const perImage = s.outHeight * s.outWidth * s.filterHeight * s.filterWidth * s.inChannels;
  return Math.max(1, Math.min(s.batchSize, Math.floor(LARGEST_COLUMNS / perImage)));
}

/** Appends one row of zeros, which stands for everything outside. `[images, rows, channels]` */
export function withZeroRow(graph: GraphBuilder, x: Value): Value {
  const [images = 1, , channels = 1] = x.shape;
  const zeros = graph.constant(new Float32Array(images * channels), [images, 1, channels], 'float32');
  return graph.concat([x, zeros], 1);
}

/**
 * Every window of x as a row, by one Gather from a table of pixel numbers.
 * @param x `[images, height, width, channels]`
 * @returns `[images · outHeight · outWidth, filterHeight · filterWidth · channels]`
 */
export function columns(graph: GraphBuilder, x: Value, s: ConvolutionShape): Value {
  const [images = 1] = x.shape;
  const window = s.filterHeight * s.filterWidth;
  const positions = s.outHeight * s.outWidth;
  const rows = [images * positions, window * s.inChannels];
  const pixels = graph.reshape(x, [images, s.inHeight * s.inWidth, s.inChannels]);
  const table = windowTable(s);
  if (positions * window === table.length && isIdentity(table, s.inHeight * s.inWidth))
    return graph.reshape(pixels, rows);
  const outside = table.includes(s.inHeight * s.inWidth);
  const indices = graph.constantOnce(`columns ${key(s)}`, [table.length], 'int32', () => table);
  return graph.reshape(graph.gather(outside ? withZeroRow(graph, pixels) : pixels, indices, 1), rows);
}

/**
 * The adjoint of `columns`: adds every entry of the rows to the pixel that it came from.
 * @param rows `[images, positions + 1, window · channels]`, the last position zero
 * @param part the rectangle of pixels that is wanted: `[top, left, height, width]`
 * @returns `[images, part height, part width, channels]`
 */
export function sumColumns(
  graph: GraphBuilder,
  rows: Value,
  s: ConvolutionShape,
  part: readonly [number, number, number, number] = [0, 0, s.inHeight, s.inWidth],
): Value {
  const [images = 1] = rows.shape;
  const [top, left, height, width] = part;
  const window = s.filterHeight * s.filterWidth;
  const positions = s.outHeight * s.outWidth;
  const sources: number[][] = Array.from({ length: s.inHeight * s.inWidth + 1 }, () => []);
  windowTable(s).forEach((pixel, entry) => sources[pixel]?.push(entry));
  const wanted: number[][] = [];
  for (let y = top; y < top + height; y++)
    for (let x = left; x < left + width; x++) wanted.push(sources[y * s.inWidth + x] ?? []);
  const most = wanted.reduce((longest, list) => Math.max(longest, list.length), 1);
  const nothing = positions * window;
  const table = Int32Array.from(
    wanted.flatMap((list) => Array.from({ length: most }, (_, i) => list[i] ?? nothing)),
  );
  const entries = graph.reshape(rows, [images, (positions + 1) * window, s.inChannels]);
  const indices = graph.constantOnce(`sum ${key(s)} ${part.join()}`, [table.length], 'int32', () => table);
  const gathered = graph.gather(entries, indices, 1);
  const sums = graph.reduce(
    'ReduceSum',
    graph.reshape(gathered, [images * height * width, most, s.inChannels]),
    [1],
  );
  return graph.reshape(sums, [images, height, width, s.inChannels]);
}

/** Images [first, first + count) of a batch. */
export function images(graph: GraphBuilder, x: Value, first: number, count: number): Value {
  const begin = x.shape.map((_, axis) => (axis === 0 ? first : 0));
  return graph.slice(x, begin, [count, ...x.shape.slice(1)]);
}

/** Pixel number for every output position and every place in its window; the number after the last pixel is outside. */
function windowTable(s: ConvolutionShape): Int32Array {
  const table = new Int32Array(s.outHeight * s.outWidth * s.filterHeight * s.filterWidth);
  let at = 0;
  for (let y = 0; y < s.outHeight; y++)
    for (let x = 0; x < s.outWidth; x++)
      for (let i = 0; i < s.filterHeight; i++)
        for (let j = 0; j < s.filterWidth; j++) {
          const row = y * s.strideHeight - s.padTop + i * s.dilationHeight;
          const column = x * s.strideWidth - s.padLeft + j * s.dilationWidth;
          const inside = row >= 0 && row < s.inHeight && column >= 0 && column < s.inWidth;
          table[at++] = inside ? row * s.inWidth + column : s.inHeight * s.inWidth;
        }
  return table;
}

function isIdentity(table: Int32Array, pixels: number): boolean {
  return table.length === pixels && table.every((pixel, index) => pixel === index);
}

function key(s: ConvolutionShape): string {
  return Object.values({ ...s, batchSize: 0, inChannels: 0, outChannels: 0 }).join();
}
