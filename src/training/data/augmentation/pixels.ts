/** A picture while it is augmented: values 0..1, not yet normalised by mean and deviation. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** `[height, width, 3]`, row by row: red, green, blue. */
  readonly data: Float32Array;
}

/** A picture of the same size, each value from the old value, its place and its channel. */
export function mapValues(
  image: Pixels,
  change: (value: number, place: number, channel: number) => number,
): Pixels {
  const data = new Float32Array(image.data.length);
  for (let place = 0; place < data.length; place++)
    data[place] = change(image.data[place] ?? 0, place, place % 3);
  return { ...image, data };
}

export function clamp01(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
