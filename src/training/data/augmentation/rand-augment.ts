/**
 * RandAugment (Cubuk et al., 2020): a few operations drawn from fourteen, all at one magnitude. Operations, ranges and
 * defaults as torchvision.transforms.v2.RandAugment.
 */
import * as z from 'zod';
import {
  adjustBrightness,
  adjustContrast,
  adjustSaturation,
  adjustSharpness,
  autocontrast,
  equalize,
  posterize,
  solarize,
} from './colour';
import type { Draws } from './draws';
import { affine, rotate, type Fill, type Interpolation } from './geometry';
import type { Pixels } from './pixels';

export const randAugmentSchema = z
  .strictObject({
    numOps: z.int().min(0).max(14).default(2),
    magnitude: z.int().min(0).default(9),
    numMagnitudeBins: z.int().min(2).default(31),
    interpolation: z.enum(['nearest', 'bilinear']).default('nearest'),
    fill: z.tuple([z.number(), z.number(), z.number()]).default([0, 0, 0]),
  })
  .refine(({ magnitude, numMagnitudeBins }) => magnitude < numMagnitudeBins, {
    path: ['magnitude'],
    message: 'must be less than numMagnitudeBins (31 where not given)',
  });

type Options = z.infer<typeof randAugmentSchema>;

interface Operation {
  readonly name: string;
  /** Half of the time in the other direction. */
  readonly signed: boolean;
  /** @param level of the magnitude, 0..1, negative for the other direction */
  readonly apply: (image: Pixels, level: number, how: Interpolation, fill: Fill) => Pixels;
}

const degrees = (slope: number): number => (Math.atan(slope) * 180) / Math.PI;
const CORNER: readonly [number, number] = [0, 0];

export const operations: readonly Operation[] = [
  { name: 'Identity', signed: false, apply: (image) => image },
  {
    name: 'ShearX',
    signed: true,
    apply: (image, level, how, fill) =>
      affine(image, { shear: [degrees(0.3 * level), 0], center: CORNER }, how, fill),
  },
  {
    name: 'ShearY',
    signed: true,
    apply: (image, level, how, fill) =>
      affine(image, { shear: [0, degrees(0.3 * level)], center: CORNER }, how, fill),
  },
  {
    name: 'TranslateX',
    signed: true,
    apply: (image, level, how, fill) =>
      affine(image, { translate: [Math.trunc((150 / 331) * image.width * level), 0] }, how, fill),
  },
  {
    name: 'TranslateY',
    signed: true,
    apply: (image, level, how, fill) =>
      affine(image, { translate: [0, Math.trunc((150 / 331) * image.height * level)] }, how, fill),
  },
  {
    name: 'Rotate',
    signed: true,
    apply: (image, level, how, fill) => rotate(image, 30 * level, how, fill),
  },
  { name: 'Brightness', signed: true, apply: (image, level) => adjustBrightness(image, 1 + 0.9 * level) },
  { name: 'Color', signed: true, apply: (image, level) => adjustSaturation(image, 1 + 0.9 * level) },
  { name: 'Contrast', signed: true, apply: (image, level) => adjustContrast(image, 1 + 0.9 * level) },
  { name: 'Sharpness', signed: true, apply: (image, level) => adjustSharpness(image, 1 + 0.9 * level) },
  {
    name: 'Posterize',
    signed: false,
    apply: (image, level) => posterize(image, Math.round(8 - 4 * level)),
  },
  { name: 'Solarize', signed: false, apply: (image, level) => solarize(image, 1 - level) },
  { name: 'AutoContrast', signed: false, apply: autocontrast },
  { name: 'Equalize', signed: false, apply: equalize },
];

export function randAugment(image: Pixels, options: Options, draws: Draws): Pixels {
  const level = options.magnitude / (options.numMagnitudeBins - 1);
  let result = image;
  for (let index = 0; index < options.numOps; index++) {
    const operation = operations[draws.integer(operations.length)];
    const turned = draws.uniform() < 0.5;
    if (operation)
      result = operation.apply(
        result,
        operation.signed && turned ? -level : level,
        options.interpolation,
        options.fill,
      );
  }
  return result;
}
