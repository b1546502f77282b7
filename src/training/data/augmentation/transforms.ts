/**
 * The random transforms: each draws its numbers as torchvision.transforms.v2 does, then calls the plain functions of
 * geometry.ts and colour.ts.
 */
import * as z from 'zod';
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation } from './colour';
import type { Draws } from './draws';
import { horizontalFlip, resizedCrop, rotate, type Box } from './geometry';
import type { Pixels } from './pixels';
import { randAugment, randAugmentSchema } from './rand-augment';

export type TransformName =
  'randomResizedCrop' | 'horizontalFlip' | 'rotation' | 'colorJitter' | 'randAugment';

export interface Transform {
  /** Checks options, and fills in torchvision's defaults. */
  readonly schema: z.ZodType<object>;
  /** @param options as `schema` gives them */
  apply(image: Pixels, options: object, draws: Draws): Pixels;
}

const define = <Options extends object>(
  schema: z.ZodType<Options>,
  apply: (image: Pixels, options: Options, draws: Draws) => Pixels,
): Transform => ({ schema, apply: (image, options, draws) => apply(image, options as Options, draws) });

const range = (low: number, high: number) =>
  z
    .tuple([z.number().min(low).max(high), z.number().min(low).max(high)])
    .refine(([from, to]) => from <= to, 'the first number must not be larger than the second');

const fill = z.tuple([z.number(), z.number(), z.number()]).default([0, 0, 0]);
const interpolation = z.enum(['nearest', 'bilinear']);

const flipSchema = z.strictObject({ p: z.number().min(0).max(1).default(0.5) });

const cropSchema = z.strictObject({
  scale: range(1e-4, 1).default([0.08, 1]),
  ratio: range(0.1, 10).default([3 / 4, 4 / 3]),
});

/** A number d means 1 − d … 1 + d, not below 0; a pair is the range itself. */
const strength = z
  .union([z.number().min(0), range(0, 100)])
  .transform((value) => (typeof value === 'number' ? ([Math.max(0, 1 - value), 1 + value] as const) : value))
  .optional();

const jitterSchema = z.strictObject({
  brightness: strength,
  contrast: strength,
  saturation: strength,
  hue: z
    .union([z.number().min(0).max(0.5), range(-0.5, 0.5)])
    .transform((value) => (typeof value === 'number' ? ([-value, value] as const) : value))
    .optional(),
});

const rotationSchema = z.strictObject({
  degrees: z
    .union([z.number().min(0).max(180), range(-180, 180)])
    .transform((value) => (typeof value === 'number' ? ([-value, value] as const) : value)),
  interpolation: interpolation.default('bilinear'),
  fill,
});

/** By name, in the order in which the options object applies them. */
export const transforms: Readonly<Record<TransformName, Transform>> = {
  randomResizedCrop: define(cropSchema, (image, options, draws) => {
    const box = cropBox(image.width, image.height, options, draws);
    return box.width === image.width && box.height === image.height
      ? image
      : resizedCrop(image, box, image.width, image.height);
  }),
  horizontalFlip: define(flipSchema, (image, { p }, draws) =>
    draws.uniform() < p ? horizontalFlip(image) : image,
  ),
  rotation: define(rotationSchema, (image, { degrees, interpolation: how, fill: colour }, draws) => {
    const angle = draws.between(...degrees);
    return angle === 0 ? image : rotate(image, angle, how, colour);
  }),
  colorJitter: define(jitterSchema, jitter),
  randAugment: define(randAugmentSchema, randAugment),
};

/** Size and place of a random crop: ten attempts, then the largest box of an allowed shape in the middle. */
function cropBox(
  width: number,
  height: number,
  { scale, ratio }: z.infer<typeof cropSchema>,
  draws: Draws,
): Box {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = width * height * draws.between(...scale);
    const aspect = Math.exp(draws.between(Math.log(ratio[0]), Math.log(ratio[1])));
    const w = Math.round(Math.sqrt(area * aspect));
    const h = Math.round(Math.sqrt(area / aspect));
    if (w > 0 && h > 0 && w <= width && h <= height)
      return { top: draws.integer(height - h + 1), left: draws.integer(width - w + 1), width: w, height: h };
  }
  const aspect = Math.min(Math.max(width / height, ratio[0]), ratio[1]);
  const w = aspect < width / height ? Math.round(height * aspect) : width;
  const h = aspect > width / height ? Math.round(width / aspect) : height;
  return { top: Math.floor((height - h) / 2), left: Math.floor((width - w) / 2), width: w, height: h };
}

/** The four changes in a random order, each by a random factor. */
function jitter(image: Pixels, options: z.infer<typeof jitterSchema>, draws: Draws): Pixels {
  const { brightness, contrast, saturation, hue } = options;
  const changes = [
    { range: brightness, apply: adjustBrightness },
    { range: contrast, apply: adjustContrast },
    { range: saturation, apply: adjustSaturation },
    { range: hue, apply: adjustHue },
  ];
  // Drawn whether used or not, so that one strength does not change what another draws.
  const order = changes.map((change) => ({ ...change, rank: draws.uniform(), place: draws.uniform() }));
  order.sort((a, b) => a.rank - b.rank);
  let result = image;
  for (const { range: limits, apply, place } of order)
    if (limits) result = apply(result, limits[0] + (limits[1] - limits[0]) * place);
  return result;
}
