/** What an experiment says about augmentation: an options object, or transforms composed in an own order. */
import * as z from 'zod';
import { LearnerError } from '../../../protocol/errors';
import { describeIssues } from '../../strategies/strategy';
import { transforms, type TransformName } from './transforms';

/**
 * An own change to a training picture. It must not change its input.
 * @param pixels `[height, width, 3]`, row by row, 0..1
 * @param picture its size, and `random()`: 0 <= x < 1 from the experiment's seed. With `Math.random()` in its place a
 * resumed run would differ from one that was not stopped.
 * @returns `[height, width, 3]`, of the same size
 */
export type OwnAugmentation = (
  pixels: Float32Array,
  picture: { readonly width: number; readonly height: number; readonly random: () => number },
) => Float32Array;

/** From a to b. */
export type Range = readonly [number, number];

export interface HorizontalFlipOptions {
  /** How often, 0..1. Default 0.5. */
  readonly p?: number;
}

export interface RandomResizedCropOptions {
  /** Share of the picture's area that is kept. Default `[0.08, 1]`; `[0.5, 1]` is gentler and suits small data sets. */
  readonly scale?: Range;
  /** Width over height of the part before it is scaled back. Default `[3 / 4, 4 / 3]`. */
  readonly ratio?: Range;
}

export interface RotationOptions {
  /** Default 'bilinear'; torchvision's is 'nearest'. */
  readonly interpolation?: 'nearest' | 'bilinear';
  /** Red, green, blue for the corners, each 0..1. Default black. */
  readonly fill?: readonly [number, number, number];
}

export interface ColorJitterOptions {
  /** A factor from 1 − brightness to 1 + brightness, or from the range given. Default: unchanged. */
  readonly brightness?: number | Range;
  readonly contrast?: number | Range;
  readonly saturation?: number | Range;
  /** Turns on the colour circle, at most 0.5 (half of it) each way. Not where the colour tells the class. */
  readonly hue?: number | Range;
}

export interface RandAugmentOptions {
  /** Operations for each picture. Default 2. */
  readonly numOps?: number;
  /** How strong, from 0 to `numMagnitudeBins` − 1. Default 9. */
  readonly magnitude?: number;
  /** Default 31. */
  readonly numMagnitudeBins?: number;
  /** Default 'nearest'. */
  readonly interpolation?: 'nearest' | 'bilinear';
  /** Red, green, blue for what moves in from outside, each 0..1. Default black. */
  readonly fill?: readonly [number, number, number];
}

export interface MixupOptions {
  /** Small: mostly one of the two pictures; 1: any mixture. Default 0.2. */
  readonly alpha?: number;
}

/** Random changes to training pictures, so that the network sees more than the data has. Applied in this order. */
export interface AugmentationOptions {
  /** A part of the picture, scaled back to the whole size (torchvision's RandomResizedCrop). */
  readonly randomResizedCrop?: boolean | RandomResizedCropOptions;
  /** Mirrored left to right half of the time. Not for writing, clocks or maps. */
  readonly horizontalFlip?: boolean | HorizontalFlipOptions;
  /** Turned by up to so many degrees, either way. */
  readonly rotation?: number | (RotationOptions & { readonly degrees: number | Range });
  /** Brightness, contrast, saturation and hue, in a random order. */
  readonly colorJitter?: ColorJitterOptions;
  /** A few operations drawn from fourteen, all at one magnitude (Cubuk et al., 2020). */
  readonly randAugment?: boolean | RandAugmentOptions;
  /** An own function. */
  readonly own?: OwnAugmentation;
  /** Pictures are blended in pairs, their labels too (Zhang et al., 2018). */
  readonly mixup?: boolean | MixupOptions;
  /**
   * While layers below are frozen, their output is computed once for this many random versions of each picture and then
   * kept. Default 4, and 2 for `horizontalFlip` alone.
   */
  readonly variants?: number;
}

/** One transform with its options. Made by `augment.rotation(…)` and its like. */
export type AugmentationStep =
  | {
      readonly kind: 'augmentation-step';
      readonly name: TransformName | 'mixup';
      readonly options: object;
    }
  | { readonly kind: 'augmentation-step'; readonly name: 'own'; readonly apply: OwnAugmentation };

/** Transforms in the order in which they are applied. Made by `augment.compose`. */
export interface Augmentation {
  readonly kind: 'augmentation';
  readonly steps: readonly AugmentationStep[];
  readonly variants: number;
}

const DEFAULT_VARIANTS = 4;
const mixupSchema = z.strictObject({ alpha: z.number().min(0.01).max(100).default(0.2) });
const variantsSchema = z.int().min(1).max(64).optional();

function step(name: TransformName | 'mixup', given: unknown): AugmentationStep {
  const schema: z.ZodType = name === 'mixup' ? mixupSchema : transforms[name].schema;
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw invalid(`${name}: ${describeIssues(parsed.error)}`);
  return Object.freeze({
    kind: 'augmentation-step' as const,
    name,
    options: Object.freeze(parsed.data as object),
  });
}

function own(apply: OwnAugmentation): AugmentationStep {
  if (typeof apply !== 'function') throw invalid('own: expected a function');
  return Object.freeze({ kind: 'augmentation-step' as const, name: 'own' as const, apply });
}

function compose(
  steps: readonly AugmentationStep[],
  options: { readonly variants?: number } = {},
): Augmentation {
  const made = (value: unknown): boolean =>
    typeof value === 'object' && (value as { kind?: unknown } | null)?.kind === 'augmentation-step';
  const list: unknown = steps;
  if (!Array.isArray(list) || !list.every(made))
    throw invalid('compose: expected a list of what augment.rotation(…) and its like return');
  const place = steps.findIndex(({ name }) => name === 'mixup');
  if (place >= 0 && place < steps.length - 1)
    throw invalid('compose: mixup blends finished pictures, so it must come last, and once');
  const variants = variantsSchema.safeParse(options.variants);
  if (!variants.success) throw invalid(`variants: ${describeIssues(variants.error)}`);
  return Object.freeze({
    kind: 'augmentation' as const,
    steps: Object.freeze([...steps]),
    variants: variants.data ?? (onlyFlips(steps) ? 2 : DEFAULT_VARIANTS),
  });
}

/** Two variants are all that there are: as it is, and mirrored. */
export function onlyFlips(steps: readonly AugmentationStep[]): boolean {
  return steps.length === 1 && steps[0]?.name === 'horizontalFlip';
}

/** Transforms for training pictures, in torchvision's words and ranges. `augment.compose` puts them in an order. */
export const augment = {
  /** The transforms, applied one after another. `variants`: see `AugmentationOptions`. */
  compose: (steps: readonly AugmentationStep[], options: { readonly variants?: number } = {}): Augmentation =>
    compose(steps, options),
  /** Mirrored left to right with probability `p`. Not for writing, clocks or maps. */
  horizontalFlip: (options: HorizontalFlipOptions = {}): AugmentationStep => step('horizontalFlip', options),
  /**
   * A part of the picture, scaled back to the whole size. It is cut from the picture as the network would see it, so a
   * small part is blurred; torchvision cuts from the file's full size.
   */
  randomResizedCrop: (options: RandomResizedCropOptions = {}): AugmentationStep =>
    step('randomResizedCrop', options),
  /** Turned by an angle within `degrees`: a number for both ways, or a range (counter-clockwise is positive). */
  rotation: (degrees: number | Range, options: RotationOptions = {}): AugmentationStep =>
    step('rotation', { degrees, ...options }),
  /** Brightness, contrast, saturation and hue, in a random order. */
  colorJitter: (options: ColorJitterOptions): AugmentationStep => step('colorJitter', options),
  /** A few operations drawn from fourteen, all at one magnitude (Cubuk et al., 2020). */
  randAugment: (options: RandAugmentOptions = {}): AugmentationStep => step('randAugment', options),
  /** Blends pictures in pairs, and their labels with them (Zhang et al., 2018). The last of a composition. */
  mixup: (options: MixupOptions = {}): AugmentationStep => step('mixup', options),
  /** An own function from pixels to pixels. */
  own: (apply: OwnAugmentation): AugmentationStep => own(apply),
};

const knownOptions = z.strictObject({
  randomResizedCrop: z.unknown(),
  horizontalFlip: z.unknown(),
  rotation: z.unknown(),
  colorJitter: z.unknown(),
  randAugment: z.unknown(),
  own: z.unknown(),
  mixup: z.unknown(),
  variants: z.unknown(),
} satisfies Record<keyof AugmentationOptions, z.ZodType>);

/**
 * The transforms that an experiment asks for, checked and in order; undefined where it asks for none.
 * @throws {LearnerError} 'augmentation-invalid', naming the field
 */
export function readAugmentation(
  given: Augmentation | AugmentationOptions | undefined,
): Augmentation | undefined {
  if (given === undefined) return undefined;
  if (isComposed(given)) return given.steps.length > 0 ? given : undefined;
  const parsed = knownOptions.partial().safeParse(given);
  if (!parsed.success) throw invalid(describeIssues(parsed.error));
  const { variants, ...wanted } = given;
  const steps = (
    ['randomResizedCrop', 'horizontalFlip', 'rotation', 'colorJitter', 'randAugment', 'own', 'mixup'] as const
  ).flatMap((name) => {
    const value = wanted[name];
    if (value === undefined || value === false || value === 0) return [];
    if (name === 'own') return [own(value as OwnAugmentation)];
    const options =
      value === true ? {} : name === 'rotation' && typeof value === 'number' ? { degrees: value } : value;
    return [step(name, options)];
  });
  return steps.length === 0 ? undefined : compose(steps, variants === undefined ? {} : { variants });
}

function isComposed(value: object): value is Augmentation {
  return (value as { kind?: unknown }).kind === 'augmentation';
}

function invalid(what: string): LearnerError {
  return new LearnerError({
    code: 'augmentation-invalid',
    message: `augmentation: ${what}.`,
    remedy: 'Correct this in augmentation; hover over its name to see what it takes.',
  });
}
