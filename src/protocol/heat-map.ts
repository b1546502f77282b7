/** A heat map as numbers, and how it is drawn: in the view and in the file of `transfer-lab predict` alike. */
export interface HeatGrid {
  readonly rows: number;
  readonly columns: number;
  /** 0..1, row by row. */
  readonly values: ArrayLike<number>;
}

/**
 * Bilinear, with pixels' middles as places, as torch.nn.functional.interpolate(mode='bilinear', align_corners=False).
 * @returns `[side, side]`
 */
export function upsample({ rows, columns, values }: HeatGrid, side: number): Float32Array {
  const across = taps(columns, side);
  const down = taps(rows, side);
  const at = (row: number, column: number): number => values[row * columns + column] ?? 0;
  const out = new Float32Array(side * side);
  down.forEach((y, place) => {
    across.forEach((x, column) => {
      const upper = at(y.low, x.low) * (1 - x.share) + at(y.low, x.high) * x.share;
      const lower = at(y.high, x.low) * (1 - x.share) + at(y.high, x.high) * x.share;
      out[place * side + column] = upper * (1 - y.share) + lower * y.share;
    });
  });
  return out;
}

/** For each output the two inputs beside it, and how much of the second. */
function taps(inputs: number, outputs: number): { low: number; high: number; share: number }[] {
  return Array.from({ length: outputs }, (_, index) => {
    const place = Math.min(inputs - 1, Math.max(0, ((index + 0.5) * inputs) / outputs - 0.5));
    const low = Math.floor(place);
    return { low, high: Math.min(inputs - 1, low + 1), share: place - low };
  });
}

/** Inferno, in nine steps: brightness alone tells the order, also to those who see few colours. */
export const HEAT_COLOURS: readonly (readonly [red: number, green: number, blue: number])[] = [
  [0, 0, 4],
  [33, 12, 74],
  [86, 16, 110],
  [137, 34, 106],
  [187, 55, 84],
  [227, 89, 50],
  [249, 140, 10],
  [249, 201, 50],
  [252, 255, 164],
];

/** Opaque pixels, four bytes each. @param values 0..1 */
export function heatPixels(values: ArrayLike<number>): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(values.length * 4);
  const last = HEAT_COLOURS.length - 1;
  for (let index = 0; index < values.length; index++) {
    const place = Math.min(1, Math.max(0, values[index] ?? 0)) * last;
    const low = Math.min(last - 1, Math.floor(place));
    for (let c = 0; c < 3; c++) {
      const from = HEAT_COLOURS[low]?.[c] ?? 0;
      const to = HEAT_COLOURS[low + 1]?.[c] ?? 0;
      pixels[4 * index + c] = from + (to - from) * (place - low);
    }
    pixels[4 * index + 3] = 255;
  }
  return pixels;
}
