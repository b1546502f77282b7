/**
 * Tensors that are the same in every language, without a file: test/oracle/README.md defines them.
 */
import { fnv1a } from '../random';

/** The i-th word (uint32) of the stream with this seed. */
export function hashWord(seed: number, index: number): number {
  let x = (seed + Math.imul(index, 0x9e3779b9)) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** In -1..1, float64. */
function signedUnit(seed: number, index: number): number {
  return (hashWord(seed, index) / 2 ** 32) * 2 - 1;
}

export function hashValues(name: string, count: number, scale = 1, offset = 0): Float32Array {
  const seed = fnv1a(name);
  const values = new Float32Array(count);
  for (let index = 0; index < count; index++) values[index] = signedUnit(seed, index) * scale + offset;
  return values;
}

/** The vector that a tensor of this name is projected on. */
export const probe = (name: string, count: number): Float32Array => hashValues(`${name}.probe`, count);

/** `[images, channels, height, width]`: 8 x 8 flat cells and noise, so that flips and transpositions show. */
export function hashImage(name: string, shape: readonly number[]): Float32Array {
  const [images = 1, channels = 1, height = 1, width = 1] = shape;
  const cells = fnv1a(`${name}.cells`);
  const noise = fnv1a(`${name}.noise`);
  const values = new Float32Array(images * channels * height * width);
  for (let index = 0; index < values.length; index++) {
    const x = index % width;
    const y = Math.floor(index / width) % height;
    const plane = Math.floor(index / (width * height));
    const cell = (plane * 8 + Math.floor((y * 8) / height)) * 8 + Math.floor((x * 8) / width);
    values[index] = 1.5 * signedUnit(cells, cell) + 0.5 * signedUnit(noise, index);
  }
  return values;
}

/** `[channels, height, width]`, 0..255: cells below 192 and noise below 64. */
export function hashBytesImage(name: string, shape: readonly number[]): Uint8Array {
  const [channels = 1, height = 1, width = 1] = shape;
  const cells = fnv1a(`${name}.cells`);
  const noise = fnv1a(`${name}.noise`);
  return Uint8Array.from({ length: channels * height * width }, (_, index) => {
    const x = index % width;
    const y = Math.floor(index / width) % height;
    const plane = Math.floor(index / (width * height));
    const cell = (plane * 8 + Math.floor((y * 8) / height)) * 8 + Math.floor((x * 8) / width);
    return (hashWord(cells, cell) % 192) + (hashWord(noise, index) % 64);
  });
}
