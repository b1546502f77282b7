/**
 * Resizing as torchvision's on float tensors: bilinear with antialias, the width first, then the height.
 * Reference: torchvision.transforms.v2.functional.resize(antialias=True).
 */
export interface FloatImage {
  readonly width: number;
  readonly height: number;
  /** `[height, width, channels]`, row by row. */
  readonly data: Float64Array;
  readonly channels: number;
}

interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/** The shorter side becomes `size`, the longer follows, rounded down. */
export function resizedSize(width: number, height: number, size: number): { width: number; height: number } {
  const long = Math.trunc((size * Math.max(width, height)) / Math.min(width, height));
  return width <= height ? { width: size, height: long } : { width: long, height: size };
}

export function resize(image: FloatImage, width: number, height: number): FloatImage {
  const { data, channels } = image;
  let current = data;
  if (width !== image.width) {
    const next = new Float64Array(image.height * width * channels);
    for (const [x, { first, weights }] of taps(image.width, width).entries())
      for (let y = 0; y < image.height; y++)
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let k = 0; k < weights.length; k++)
            sum += (weights[k] ?? 0) * (current[(y * image.width + first + k) * channels + c] ?? 0);
          next[(y * width + x) * channels + c] = sum;
        }
    current = next;
  }
  if (height !== image.height) {
    const row = width * channels;
    const next = new Float64Array(height * row);
    for (const [y, { first, weights }] of taps(image.height, height).entries())
      for (let x = 0; x < row; x++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++)
          sum += (weights[k] ?? 0) * (current[(first + k) * row + x] ?? 0);
        next[y * row + x] = sum;
      }
    current = next;
  }
  return { width, height, channels, data: current };
}

/** The middle `size` x `size`. The image must be at least that large. Odd margins round to even, as Python's round. */
export function centerCrop(image: FloatImage, size: number): FloatImage {
  const top = roundHalfToEven((image.height - size) / 2);
  const left = roundHalfToEven((image.width - size) / 2);
  if (top === 0 && left === 0 && image.height === size && image.width === size) return image;
  const row = size * image.channels;
  const data = new Float64Array(size * row);
  for (let y = 0; y < size; y++) {
    const from = ((top + y) * image.width + left) * image.channels;
    data.set(image.data.subarray(from, from + row), y * row);
  }
  return { width: size, height: size, channels: image.channels, data };
}

/** Which inputs make up each output, and how much of each: a triangle that widens with the reduction. */
function taps(inputs: number, outputs: number): Taps[] {
  const scale = inputs / outputs;
  const support = Math.max(1, scale);
  return Array.from({ length: outputs }, (_, index) => {
    const centre = scale * (index + 0.5);
    const first = Math.max(0, Math.floor(centre - support + 0.5));
    const end = Math.min(inputs, Math.floor(centre + support + 0.5));
    const raw = Array.from({ length: end - first }, (__, k) =>
      Math.max(0, 1 - Math.abs(first + k + 0.5 - centre) / support),
    );
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return { first, weights: raw.map((weight) => weight / sum) };
  });
}

export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
