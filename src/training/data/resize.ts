/**
 * Resizing as torchvision's on float tensors: bilinear or bicubic with antialias, the width first, then the height.
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

export type Interpolation = 'bilinear' | 'bicubic';

/** How far a kernel reaches at scale 1, and its weight at a distance. */
const KERNELS: Readonly<
  Record<Interpolation, { readonly reach: number; readonly weight: (x: number) => number }>
> = {
  bilinear: { reach: 1, weight: (x) => Math.max(0, 1 - x) },
  bicubic: { reach: 2, weight: cubic },
};

/** Keys (1981) with a = −0.5, which PIL and torch use with antialias. */
function cubic(x: number): number {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

export function resize(
  image: FloatImage,
  width: number,
  height: number,
  interpolation: Interpolation = 'bilinear',
): FloatImage {
  const { data, channels } = image;
  let current = data;
  if (width !== image.width) {
    const next = new Float64Array(image.height * width * channels);
    for (const [x, { first, weights }] of taps(image.width, width, interpolation).entries())
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
    for (const [y, { first, weights }] of taps(image.height, height, interpolation).entries())
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

/** The middle `size` x `size`; where the image is smaller, with black around it. Odd margins round to even, as Python's round. */
export function centerCrop(image: FloatImage, size: number): FloatImage {
  // A missing margin is split as torchvision pads: the smaller half above and to the left.
  const start = (length: number): number =>
    length < size ? -Math.floor((size - length) / 2) : roundHalfToEven((length - size) / 2);
  return crop(image, { top: start(image.height), left: start(image.width), width: size, height: size });
}

/** A rectangle of the image; what lies outside of it is 0. */
export function crop(
  image: FloatImage,
  area: { readonly top: number; readonly left: number; readonly width: number; readonly height: number },
): FloatImage {
  const { top, left, width, height } = area;
  const { channels } = image;
  if (top === 0 && left === 0 && image.height === height && image.width === width) return image;
  const data = new Float64Array(height * width * channels);
  const skipped = Math.max(0, -left);
  const taken = Math.min(width, image.width - left) - skipped;
  for (let y = Math.max(0, -top); y < Math.min(height, image.height - top) && taken > 0; y++) {
    const from = ((top + y) * image.width + left + skipped) * channels;
    data.set(image.data.subarray(from, from + taken * channels), (y * width + skipped) * channels);
  }
  return { width, height, channels, data };
}

/** Which inputs make up each output, and how much of each: a kernel that widens with the reduction. */
function taps(inputs: number, outputs: number, interpolation: Interpolation): Taps[] {
  const { reach, weight } = KERNELS[interpolation];
  const scale = inputs / outputs;
  const widening = Math.max(1, scale);
  const support = reach * widening;
  return Array.from({ length: outputs }, (_, index) => {
    const centre = scale * (index + 0.5);
    const first = Math.max(0, Math.floor(centre - support + 0.5));
    const end = Math.min(inputs, Math.floor(centre + support + 0.5));
    const raw = Array.from({ length: end - first }, (__, k) =>
      weight(Math.abs(first + k + 0.5 - centre) / widening),
    );
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return { first, weights: raw.map((value) => value / sum) };
  });
}

export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
