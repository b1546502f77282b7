/**
 * 3×3 convolutions of stride 1 by Winograd's minimal filtering F(2×2, 3×3): 16 products for 4 outputs instead of 36
 * (Lavin and Gray, 2016, "Fast Algorithms for Convolutional Neural Networks", section 4.1). Every transform is a
 * small constant matrix, so all of it is matrix products; the gradients are the adjoints of the same linear maps.
 */
import type { ConvolutionShape } from './im2col';
import type { GraphBuilder, Value } from './kernel';

const B = [
  [1, 0, -1, 0],
  [0, 1, 1, 0],
  [0, -1, 1, 0],
  [0, 1, 0, -1],
];
const G = [
  [1, 0, 0],
  [0.5, 0.5, 0.5],
  [0.5, -0.5, 0.5],
  [0, 0, 1],
];
const A = [
  [1, 1, 1, 0],
  [0, 1, -1, -1],
];

/** Below this many 4×4 tiles the larger transformed filter costs more than the saved products. */
const FEWEST_TILES = 48;
const FEWEST_CHANNELS = 16;
const LARGEST_TRANSFORM = 2 ** 24;

export function suitsWinograd(s: ConvolutionShape): boolean {
  const tiles = tileCount(s);
  return (
    s.filterHeight === 3 &&
    s.filterWidth === 3 &&
    s.strideHeight === 1 &&
    s.strideWidth === 1 &&
    s.dilationHeight === 1 &&
    s.dilationWidth === 1 &&
    Math.min(s.inChannels, s.outChannels) >= FEWEST_CHANNELS &&
    tiles >= FEWEST_TILES &&
    16 * tiles * Math.max(s.inChannels, s.outChannels) <= LARGEST_TRANSFORM
  );
}

/** @returns `[batch, outHeight, outWidth, out]` */
export function winograd(graph: GraphBuilder, x: Value, filter: Value, s: ConvolutionShape): Value {
  const tiles = tileCount(s) + 1;
  const products = graph.matMul(transformedInput(graph, x, s), transformedFilter(graph, filter, s));
  const flat = graph.reshape(products, [16, tiles * s.outChannels]);
  const outputs = graph.matMul(matrix(graph, 'A', A), flat); // [4, tiles · out]
  const rows = graph.reshape(outputs, [4 * tiles, s.outChannels]);
  const table = graph.constantOnce(`winograd outputs ${key(s)}`, [pixelsOut(s)], 'int32', () =>
    outputTable(s, tiles),
  );
  return graph.reshape(graph.gather(rows, table, 0), [s.batchSize, s.outHeight, s.outWidth, s.outChannels]);
}

/** @returns `[3, 3, in, out]` */
export function winogradFilterGradient(graph: GraphBuilder, x: Value, dy: Value, s: ConvolutionShape): Value {
  const transformed = graph.matMul(transformedInput(graph, x, s), transformedGradient(graph, dy, s), {
    transposeA: true,
  }); // [16, in, out]
  const flat = graph.reshape(transformed, [16, s.inChannels * s.outChannels]);
  return graph.reshape(graph.matMul(adjoint(graph, 'G', G), flat), [3, 3, s.inChannels, s.outChannels]);
}

/** @returns `[batch, inHeight, inWidth, in]` */
export function winogradInputGradient(
  graph: GraphBuilder,
  dy: Value,
  filter: Value,
  s: ConvolutionShape,
): Value {
  const tiles = tileCount(s) + 1;
  const transformed = graph.matMul(transformedGradient(graph, dy, s), transformedFilter(graph, filter, s), {
    transposeB: true,
  }); // [16, tiles, in]
  const flat = graph.reshape(transformed, [16, tiles * s.inChannels]);
  const patches = graph.reshape(graph.matMul(adjoint(graph, 'B', B), flat), [16 * tiles, s.inChannels]);
  const { table, most } = overlapTable(s, tiles);
  const indices = graph.constantOnce(`winograd overlaps ${key(s)}`, [table.length], 'int32', () => table);
  const gathered = graph.gather(patches, indices, 0);
  const pixels = s.batchSize * s.inHeight * s.inWidth;
  const sums = graph.reduce('ReduceSum', graph.reshape(gathered, [pixels, most, s.inChannels]), [1]);
  return graph.reshape(sums, [s.batchSize, s.inHeight, s.inWidth, s.inChannels]);
}

/** 4×4 patches of x, transformed: `[16, tiles + 1, in]`, the last tile zero. */
function transformedInput(graph: GraphBuilder, x: Value, s: ConvolutionShape): Value {
  const tiles = tileCount(s) + 1;
  const pixels = graph.reshape(x, [s.batchSize * s.inHeight * s.inWidth, s.inChannels]);
  const table = graph.constantOnce(`winograd patches ${key(s)}`, [16 * tiles], 'int32', () =>
    patchTable(s, tiles),
  );
  const patches = graph.gather(withZero(graph, pixels), table, 0);
  const flat = graph.reshape(patches, [16, tiles * s.inChannels]);
  return graph.reshape(graph.matMul(matrix(graph, 'B', B), flat), [16, tiles, s.inChannels]);
}

/** `[16, in, out]` */
function transformedFilter(graph: GraphBuilder, filter: Value, s: ConvolutionShape): Value {
  const flat = graph.reshape(filter, [9, s.inChannels * s.outChannels]);
  return graph.reshape(graph.matMul(matrix(graph, 'G', G), flat), [16, s.inChannels, s.outChannels]);
}

/** 2×2 blocks of dy, through the adjoint of the output transform: `[16, tiles + 1, out]`, the last tile zero. */
function transformedGradient(graph: GraphBuilder, dy: Value, s: ConvolutionShape): Value {
  const tiles = tileCount(s) + 1;
  const pixels = graph.reshape(dy, [pixelsOut(s), s.outChannels]);
  const table = graph.constantOnce(`winograd blocks ${key(s)}`, [4 * tiles], 'int32', () =>
    blockTable(s, tiles),
  );
  const blocks = graph.reshape(graph.gather(withZero(graph, pixels), table, 0), [4, tiles * s.outChannels]);
  return graph.reshape(graph.matMul(adjoint(graph, 'A', A), blocks), [16, tiles, s.outChannels]);
}

function withZero(graph: GraphBuilder, rows: Value): Value {
  const width = rows.shape[1] ?? 1;
  return graph.concat([rows, graph.constant(new Float32Array(width), [1, width], 'float32')], 0);
}

/** The transform of a square, rows first: M ⊗ M. */
function kronecker(m: readonly (readonly number[])[]): number[][] {
  return m.flatMap((row) => m.map((other) => row.flatMap((a) => other.map((b) => a * b))));
}

function matrix(graph: GraphBuilder, name: string, m: readonly (readonly number[])[]): Value {
  const full = kronecker(m);
  const columns = full[0]?.length ?? 0;
  return graph.constantOnce(`winograd ${name}`, [full.length, columns], 'float32', () =>
    Float32Array.from(full.flat()),
  );
}

function adjoint(graph: GraphBuilder, name: string, m: readonly (readonly number[])[]): Value {
  const full = kronecker(m);
  const columns = full[0]?.length ?? 0;
  const transposed = Array.from({ length: columns }, (_, column) => full.map((row) => row[column] ?? 0));
  return graph.constantOnce(`winograd ${name} adjoint`, [columns, full.length], 'float32', () =>
    Float32Array.from(transposed.flat()),
  );
}

const tilesDown = (s: ConvolutionShape): number => Math.ceil(s.outHeight / 2);
const tilesAcross = (s: ConvolutionShape): number => Math.ceil(s.outWidth / 2);
const tileCount = (s: ConvolutionShape): number => s.batchSize * tilesDown(s) * tilesAcross(s);
const pixelsOut = (s: ConvolutionShape): number => s.batchSize * s.outHeight * s.outWidth;

/** Calls `visit` for every tile with its number, image, and first output row and column. */
function eachTile(
  s: ConvolutionShape,
  visit: (tile: number, image: number, y: number, x: number) => void,
): void {
  let tile = 0;
  for (let image = 0; image < s.batchSize; image++)
    for (let y = 0; y < tilesDown(s); y++)
      for (let x = 0; x < tilesAcross(s); x++) visit(tile++, image, 2 * y, 2 * x);
}

/** Row of x for every place of every 4×4 patch; the row after the last is zero. */
function patchTable(s: ConvolutionShape, tiles: number): Int32Array {
  const table = new Int32Array(16 * tiles).fill(s.batchSize * s.inHeight * s.inWidth);
  eachTile(s, (tile, image, y, x) => {
    for (let place = 0; place < 16; place++) {
      const row = y - s.padTop + (place >> 2);
      const column = x - s.padLeft + (place & 3);
      if (row >= 0 && row < s.inHeight && column >= 0 && column < s.inWidth)
        table[place * tiles + tile] = (image * s.inHeight + row) * s.inWidth + column;
    }
  });
  return table;
}

/** Row of dy for every place of every 2×2 block; the row after the last is zero. */
function blockTable(s: ConvolutionShape, tiles: number): Int32Array {
  const table = new Int32Array(4 * tiles).fill(pixelsOut(s));
  eachTile(s, (tile, image, y, x) => {
    for (let place = 0; place < 4; place++) {
      const row = y + (place >> 1);
      const column = x + (place & 1);
      if (row < s.outHeight && column < s.outWidth)
        table[place * tiles + tile] = (image * s.outHeight + row) * s.outWidth + column;
    }
  });
  return table;
}

/** Where in `[4, tiles]` each output pixel is. */
function outputTable(s: ConvolutionShape, tiles: number): Int32Array {
  const table = new Int32Array(pixelsOut(s));
  blockTable(s, tiles).forEach((pixel, entry) => {
    if (pixel < table.length) table[pixel] = entry;
  });
  return table;
}

/** The entries of `[16, tiles]` that each pixel of x is in, filled up with an entry of the zero tile. */
function overlapTable(s: ConvolutionShape, tiles: number): { table: Int32Array; most: number } {
  const pixels = s.batchSize * s.inHeight * s.inWidth;
  const sources: number[][] = Array.from({ length: pixels }, () => []);
  patchTable(s, tiles).forEach((pixel, entry) => sources[pixel]?.push(entry));
  const most = sources.reduce((longest, list) => Math.max(longest, list.length), 1);
  const zero = tiles - 1;
  const table = Int32Array.from(
    sources.flatMap((list) => Array.from({ length: most }, (_, i) => list[i] ?? zero)),
  );
  return { table, most };
}

function key(s: ConvolutionShape): string {
  return Object.values({ ...s, inChannels: 0, outChannels: 0 }).join();
}
