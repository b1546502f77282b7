import { describe, expect, it } from 'vitest';
import { LearnerError } from '../../../protocol/errors';
import { IMAGENET } from '../../weights/preprocessing';
import type { PictureDataset, PictureSplit } from '../dataset';
import { augment, readAugmentation, type Augmentation, type AugmentationOptions } from './augmentation';
import { createAugmenter, type Augmenter } from './augmenter';
import * as colour from './colour';
import { drawsOf, symmetricBeta } from './draws';
import { affine, horizontalFlip, resizedCrop, rotate } from './geometry';
import type { Pixels } from './pixels';
import { operations } from './rand-augment';
import torchvision from './torchvision.json';

// torchvision's values, written by tools/vision/make_option_references.py; the formula of the picture is the same.
const { width, height, cases } = torchvision;
const image: Pixels = {
  width,
  height,
  data: Float32Array.from({ length: width * height * 3 }, (_, i) => ((i * i * 31 + i * 17) % 256) / 255),
};
const tiled: Pixels = {
  width,
  height: 12 * height,
  data: Float32Array.from(
    { length: 12 * image.data.length },
    (_, i) => image.data[i % image.data.length] ?? 0,
  ),
};
const paler: Pixels = { ...image, data: image.data.map((value) => 0.2 + 0.5 * value) };
const degrees = (slope: number): number => (Math.atan(slope) * 180) / Math.PI;
const fill = [0.25, 0.5, 0.75] as const;
const black = [0, 0, 0] as const;

describe('augmentation functions', () => {
  it.each<[keyof typeof cases, () => Pixels]>([
    ['horizontalFlip', () => horizontalFlip(image)],
    ['resizedCrop', () => resizedCrop(image, { top: 1, left: 2, height: 4, width: 5 }, width, height)],
    ['rotateNearest', () => rotate(image, 17, 'nearest', black)],
    ['rotateBilinear', () => rotate(image, -23, 'bilinear', fill)],
    ['shearX', () => affine(image, { shear: [degrees(0.2), 0], center: [0, 0] }, 'bilinear', fill)],
    ['shearY', () => affine(image, { shear: [0, degrees(-0.2)], center: [0, 0] }, 'bilinear', fill)],
    ['translate', () => affine(image, { translate: [2, -1] }, 'nearest', black)],
    ['brightness', () => colour.adjustBrightness(image, 1.4)],
    ['contrast', () => colour.adjustContrast(image, 1.7)],
    ['saturation', () => colour.adjustSaturation(image, 0.3)],
    ['hue', () => colour.adjustHue(image, 0.2)],
    ['sharpness', () => colour.adjustSharpness(image, 1.8)],
    ['posterize', () => colour.posterize(image, 3)],
    ['solarize', () => colour.solarize(image, 0.6)],
    ['autocontrast', () => colour.autocontrast(paler)],
    ['equalize', () => colour.equalize(tiled)],
  ])('%s gives torchvision’s values', (name, run) => {
    const found = run().data;
    const worst = cases[name].reduce(
      (most, value, place) => Math.max(most, Math.abs(value - (found[place] ?? NaN))),
      0,
    );
    expect(worst).toBeLessThan(1e-5);
  });

  it('at no strength leave a picture as it is', () => {
    const same: Pixels[] = [
      rotate(image, 0, 'bilinear', black),
      resizedCrop(image, { top: 0, left: 0, width, height }, width, height),
      colour.adjustBrightness(image, 1),
      colour.adjustContrast(image, 1),
      colour.adjustSaturation(image, 1),
      colour.adjustHue(image, 0),
      colour.adjustSharpness(image, 1),
      ...operations
        .filter(({ name }) => !['AutoContrast', 'Equalize', 'Posterize', 'Solarize'].includes(name))
        .map(({ apply }) => apply(image, 0, 'nearest', black)),
    ];
    for (const { data } of same)
      for (const [place, value] of data.entries()) expect(value).toBeCloseTo(image.data[place] ?? NaN, 6);
    expect(horizontalFlip(horizontalFlip(image)).data).toEqual(image.data);
  });
});

const SIDE = 8;
const ITEMS = 40;
const DATA = makeDataset();
function makeDataset(): PictureDataset {
  const values = Float32Array.from({ length: ITEMS * SIDE * SIDE * 3 }, (_, i) => ((i * 7919) % 256) / 255);
  const empty: PictureSplit = { count: 0, values: new Float32Array(0), labels: new Int32Array(0), files: [] };
  const train = {
    count: ITEMS,
    values,
    labels: Int32Array.from({ length: ITEMS }, (_, i) => i % 3),
    files: [],
  };
  return {
    kind: 'pictures',
    info: {
      name: 'made',
      classNames: ['a', 'b', 'c'],
      counts: { train: ITEMS, val: 0, test: 0 },
      skipped: [],
    },
    classNames: ['a', 'b', 'c'],
    itemShape: [SIDE, SIDE, 3],
    splits: { train, val: empty, test: empty },
    preprocessing: { ...IMAGENET, mean: [0, 0, 0], std: [1, 1, 1] },
    fingerprint: 'made',
  };
}
const original = (item: number): Float32Array =>
  DATA.splits.train.values.subarray(item * SIDE * SIDE * 3, (item + 1) * SIDE * SIDE * 3);

function augmenterOf(given: Augmentation | AugmentationOptions, seed = 1): Augmenter {
  const augmentation = readAugmentation(given);
  if (!augmentation) throw new Error('No augmentation.');
  return createAugmenter(augmentation, DATA, seed);
}

const ALL: AugmentationOptions = {
  randomResizedCrop: { scale: [0.3, 1] },
  horizontalFlip: true,
  rotation: 20,
  colorJitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
  randAugment: true,
  mixup: true,
};

describe('an augmenter', () => {
  it('draws the same picture for the same seed, epoch and item, in whatever order it is asked', () => {
    const [first, second] = [augmenterOf(ALL), augmenterOf(ALL)];
    const forwards = [3, 9, 27].map((item) => first.draw(item, { epoch: 2 }));
    const backwards = [27, 9, 3].map((item) => second.draw(item, { epoch: 2 })).reverse();
    expect(backwards).toEqual(forwards);
    expect(first.draw(3, { epoch: 3 })).not.toEqual(forwards[0]);
    expect(augmenterOf(ALL, 2).draw(3, { epoch: 2 })).not.toEqual(forwards[0]);
  });

  it('draws a transform’s numbers whatever other transforms there are', () => {
    const alone = drawsOf(1, { epoch: 0 }, 5, 'rotation').uniform();
    expect(drawsOf(1, { epoch: 0 }, 5, 'rotation').uniform()).toBe(alone);
    expect(drawsOf(1, { epoch: 0 }, 5, 'rotation.2').uniform()).not.toBe(alone);
  });

  it('mirrors half of the pictures, and exactly one of the two variants that are kept', () => {
    const flips = augmenterOf({ horizontalFlip: true });
    expect(flips.variants).toBe(2);
    const isSame = (item: number, moment: Parameters<Augmenter['draw']>[1]): boolean =>
      flips.draw(item, moment).every((value, place) => value === original(item)[place]);
    const items = Array.from({ length: ITEMS }, (_, item) => item);
    const kept = items.filter((item) => isSame(item, { epoch: 0 })).length;
    expect(kept).toBeGreaterThan(ITEMS / 4);
    expect(kept).toBeLessThan((3 * ITEMS) / 4);
    for (const item of items)
      expect([0, 1].filter((variant) => isSame(item, { variant, variants: 2 }))).toHaveLength(1);
    expect(new Set([0, 1].map((epoch) => flips.variantIn(7, epoch))).size).toBe(2);
  });

  it('blends a picture with another, the picture keeping the larger share', () => {
    const mixing = augmenterOf(augment.compose([augment.mixup({ alpha: 1 })]));
    for (let item = 0; item < ITEMS; item++) {
      const { partner, share } = mixing.mix(item, { epoch: 1 }) ?? { partner: -1, share: NaN };
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(0.5);
      const expected = original(item).map(
        (value, place) => value + share * ((original(partner)[place] ?? 0) - value),
      );
      for (const [place, value] of mixing.draw(item, { epoch: 1 }).entries())
        expect(value).toBeCloseTo(expected[place] ?? NaN, 6);
    }
  });

  it('mixes by Beta(alpha, alpha): mean 1/2, variance 1 / (8 alpha + 4)', () => {
    for (const alpha of [0.2, 1, 4]) {
      const draws = drawsOf(1, { epoch: 0 }, 0, `beta ${alpha}`);
      const values = Array.from({ length: 20_000 }, () => symmetricBeta(draws, alpha));
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      expect(mean).toBeCloseTo(0.5, 1.5);
      expect(variance * (8 * alpha + 4)).toBeCloseTo(1, 1);
    }
  });

  it('lets an own function change pixels, and says what it must return', () => {
    const negative = augmenterOf({ own: (pixels) => pixels.map((value) => 1 - value) });
    expect(negative.draw(4, { epoch: 0 })[5]).toBeCloseTo(1 - (original(4)[5] ?? 0), 6);
    expect(() => augmenterOf({ own: () => new Float32Array(3) }).draw(0, { epoch: 0 })).toThrow(
      'returned 3 numbers; expected a Float32Array of 8 x 8 x 3 numbers',
    );
  });
});

describe('what an experiment says about augmentation', () => {
  it.each<[string, () => unknown]>([
    ['verticalFlip', () => readAugmentation({ verticalFlip: true } as never)],
    ['scale', () => augment.randomResizedCrop({ scale: [0.9, 0.1] })],
    ['hue', () => augment.colorJitter({ hue: 0.7 })],
    ['magnitude', () => augment.randAugment({ magnitude: 31 })],
    ['mixup', () => augment.compose([augment.mixup(), augment.horizontalFlip()])],
    ['compose', () => augment.compose(['rotation'] as never)],
    ['variants', () => readAugmentation({ rotation: 5, variants: 0 })],
    ['own', () => readAugmentation({ own: 'negative' as never })],
  ])('names "%s" when it cannot be right', (name, make) => {
    expect(make).toThrow(LearnerError);
    expect(make).toThrow(name);
  });

  it('is nothing where every transform is off', () => {
    expect(readAugmentation({ horizontalFlip: false, rotation: 0 })).toBeUndefined();
    expect(readAugmentation(undefined)).toBeUndefined();
  });
});
