/**
 * Moving pixels, with torchvision's definitions (transforms.v2.functional on float tensors): flip, resized crop, and affine
 * maps that keep the size.
 */
import { resize } from '../resize';
import type { Pixels } from './pixels';

export type Interpolation = 'nearest' | 'bilinear';
/** Red, green, blue, each 0..1: what is put where the picture has nothing. */
export type Fill = readonly [number, number, number];

/** Left and right change places. */
export function horizontalFlip({ width, height, data }: Pixels): Pixels {
  const out = new Float32Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 3;
      out.set(data.subarray(from, from + 3), (y * width + width - 1 - x) * 3);
    }
  return { width, height, data: out };
}

export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Cuts a box out and scales it to the size asked for: bilinear with antialias. */
export function resizedCrop(image: Pixels, box: Box, width: number, height: number): Pixels {
  const row = box.width * 3;
  const cut = new Float64Array(box.height * row);
  for (let y = 0; y < box.height; y++) {
    const from = ((box.top + y) * image.width + box.left) * 3;
    cut.set(image.data.subarray(from, from + row), y * row);
  }
  const { data } = resize({ width: box.width, height: box.height, channels: 3, data: cut }, width, height);
  return { width, height, data: Float32Array.from(data) };
}

export interface AffineOptions {
  /** Degrees, clockwise. */
  readonly angle?: number;
  /** Pixels to the right and down. */
  readonly translate?: readonly [number, number];
  /** Degrees along x and along y. */
  readonly shear?: readonly [number, number];
  /** Kept in place; default: the middle. */
  readonly center?: readonly [number, number];
}

/** Rotates, shears and shifts, in torchvision's order: `affine(image, angle, translate, scale 1, shear)`. */
export function affine(
  image: Pixels,
  { angle = 0, translate = [0, 0], shear = [0, 0], center }: AffineOptions,
  interpolation: Interpolation,
  fill: Fill,
): Pixels {
  const [cx, cy] = center ? [center[0] - image.width / 2, center[1] - image.height / 2] : [0, 0];
  const [rotation, sx, sy] = [angle, ...shear].map((degrees) => (degrees * Math.PI) / 180) as [
    number,
    number,
    number,
  ];
  const a = Math.cos(rotation - sy) / Math.cos(sy);
  const b = -a * Math.tan(sx) - Math.sin(rotation);
  const c = Math.sin(rotation - sy) / Math.cos(sy);
  const d = -c * Math.tan(sx) + Math.cos(rotation);
  const [tx, ty] = [cx + translate[0], cy + translate[1]];
  // The inverse of [a b; c d], whose determinant is 1: from a place in the result to where its colour comes from.
  return sample(image, interpolation, fill, (x, y) => [
    d * (x - tx) - b * (y - ty) + cx,
    -c * (x - tx) + a * (y - ty) + cy,
  ]);
}

/** Turns counter-clockwise about the middle; the size stays. `rotate(image, angle)` of torchvision. @param angle degrees */
export function rotate(image: Pixels, angle: number, interpolation: Interpolation, fill: Fill): Pixels {
  return affine(image, { angle: -angle }, interpolation, fill);
}

/** @param source from places measured from the middle to places measured from the middle */
function sample(
  { width, height, data }: Pixels,
  interpolation: Interpolation,
  fill: Fill,
  source: (x: number, y: number) => readonly [number, number],
): Pixels {
  const out = new Float32Array(data.length);
  const inside = (x: number, y: number): boolean => x >= 0 && y >= 0 && x < width && y < height;
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const [sx, sy] = source(column + 0.5 - width / 2, row + 0.5 - height / 2);
      const x = sx + width / 2 - 0.5;
      const y = sy + height / 2 - 0.5;
      const taps = (interpolation === 'nearest' ? nearest(x, y) : bilinear(x, y)).filter(([px, py]) =>
        inside(px, py),
      );
      const covered = taps.reduce((sum, [, , weight]) => sum + weight, 0);
      const place = (row * width + column) * 3;
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (const [px, py, weight] of taps) sum += weight * (data[(py * width + px) * 3 + channel] ?? 0);
        // At the edge torchvision weighs the picture by what is covered a second time; so do we.
        out[place + channel] = sum * covered + (1 - covered) * (fill[channel] ?? 0);
      }
    }
  return { width, height, data: out };
}

/** Column, row, weight. */
type Tap = readonly [number, number, number];

const nearest = (x: number, y: number): Tap[] => [[Math.round(x), Math.round(y), 1]];

function bilinear(x: number, y: number): Tap[] {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, down] = [x - left, y - top];
  return [
    [left, top, (1 - right) * (1 - down)],
    [left + 1, top, right * (1 - down)],
    [left, top + 1, (1 - right) * down],
    [left + 1, top + 1, right * down],
  ];
}
