/** Draws augmented training pictures, each a function of (seed, moment, item) alone. */
import { LearnerError } from '../../../protocol/errors';
import { randomStream } from '../../random';
import type { PictureDataset } from '../dataset';
import type { Augmentation, AugmentationStep } from './augmentation';
import { drawsOf, symmetricBeta, type Draws, type Moment } from './draws';
import { mapValues, type Pixels } from './pixels';
import { transforms } from './transforms';

/** What a picture is blended with. */
export interface Mix {
  /** Index in the training set. */
  readonly partner: number;
  /** Share of the partner, 0..0.5. */
  readonly share: number;
}

export interface Augmenter {
  /** Random versions of each picture that are kept while layers are frozen. */
  readonly variants: number;
  /** Changes when the versions change. */
  readonly key: string;
  /** The augmented picture `[height, width, 3]`, normalised as the network wants it. */
  draw(item: number, moment: Moment): Float32Array;
  /** undefined without mixup. */
  mix(item: number, moment: Moment): Mix | undefined;
  /** The moment of a variant; without `variant`, that of an epoch's fresh picture. */
  moment(epoch: number, variant?: number): Moment;
  /** Which kept variant of a picture an epoch sees: each in turn, from a drawn first one. @param epoch from 0 */
  variantIn(item: number, epoch: number): number;
}

/** @throws {LearnerError} 'augmentation-invalid' when drawing, if an own function returns no picture of that size */
export function createAugmenter(
  augmentation: Augmentation,
  dataset: PictureDataset,
  seed: number,
): Augmenter {
  const { steps, variants } = augmentation;
  const [height = 1, width = 1] = dataset.itemShape;
  const { train } = dataset.splits;
  const { mean, std } = dataset.preprocessing;
  const size = height * width * 3;
  const names = streamNames(steps);
  const alpha = alphaOf(steps);

  const single = (item: number, moment: Moment): Pixels => {
    const data = train.values.subarray(item * size, (item + 1) * size);
    let image = mapValues(
      { width, height, data },
      (value, _, channel) => value * (std[channel] ?? 1) + (mean[channel] ?? 0),
    );
    for (const [index, step] of steps.entries())
      image = applyStep(step, image, drawsOf(seed, moment, item, names[index] ?? step.name));
    return image;
  };
  const mix: Augmenter['mix'] = (item, moment) => {
    if (alpha === undefined) return undefined;
    const draws = drawsOf(seed, moment, item, 'mixup');
    const partner = draws.integer(train.count);
    // Beta(alpha, alpha) is symmetric: calling the larger share the picture's own changes no mixture, only its name.
    const share = symmetricBeta(draws, alpha);
    return { partner, share: Math.min(share, 1 - share) };
  };
  const draw: Augmenter['draw'] = (item, moment) => {
    let image = single(item, moment);
    const mixed = mix(item, moment);
    if (mixed && mixed.share > 0) {
      const { data } = single(mixed.partner, moment);
      image = mapValues(image, (value, place) => value + mixed.share * ((data[place] ?? 0) - value));
    }
    return mapValues(image, (value, _, channel) => (value - (mean[channel] ?? 0)) / (std[channel] ?? 1)).data;
  };
  const moment: Augmenter['moment'] = (epoch, variant) =>
    variant === undefined ? { epoch } : { variant, variants };
  const first = randomStream(seed, 'augment/first variant');
  return {
    variants,
    key: keyOf(augmentation, seed, draw, train.count),
    draw,
    mix,
    moment,
    variantIn: (item, epoch) => (first.word(item) + epoch) % variants,
  };
}

function alphaOf(steps: readonly AugmentationStep[]): number | undefined {
  for (const step of steps) if (step.name === 'mixup') return (step.options as { alpha: number }).alpha;
  return undefined;
}

/** The second rotation of a composition draws other numbers than the first. */
function streamNames(steps: readonly AugmentationStep[]): string[] {
  const counts = new Map<string, number>();
  return steps.map(({ name }) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name}.${count}`;
  });
}

function applyStep(step: AugmentationStep, image: Pixels, draws: Draws): Pixels {
  if (step.name === 'own') {
    const { width, height } = image;
    const data: unknown = step.apply(image.data, { width, height, random: () => draws.uniform() });
    if (data instanceof Float32Array && data.length === image.data.length && data.every(Number.isFinite))
      return { width, height, data };
    throw new LearnerError({
      code: 'augmentation-invalid',
      message: `The own augmentation returned ${describe(data)}; expected a Float32Array of ${height} x ${width} x 3 numbers.`,
      remedy: 'Return the pixels in the order in which they came, as a Float32Array of the same length.',
    });
  }
  if (step.name === 'mixup') return image;
  const transform = transforms[step.name];
  return transform.apply(image, step.options, draws);
}

function describe(value: unknown): string {
  if (!(value instanceof Float32Array)) return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
  return value.every(Number.isFinite) ? `${value.length} numbers` : 'values that are no numbers';
}

/** An own function may depend on what its text does not show, so some of what it draws belongs to the key. */
function keyOf(augmentation: Augmentation, seed: number, draw: Augmenter['draw'], count: number): string {
  const text = JSON.stringify(augmentation, (_, value: unknown) =>
    typeof value === 'function' ? String(value) : value,
  );
  const { steps, variants } = augmentation;
  const samples = steps.some(({ name }) => name === 'own') ? Math.min(16, count) : 0;
  const drawn = Array.from({ length: samples }, (_, item) =>
    Buffer.from(draw(item, { variant: item % variants, variants }).buffer).toString('base64'),
  );
  return [`seed ${seed}`, text, ...drawn].join('\n');
}
