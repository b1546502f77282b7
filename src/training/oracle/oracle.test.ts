import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../engine/engine';
import { crossEntropy } from '../tasks/image-classification';
import { centerCrop, crop, resize, resizedSize, roundHalfToEven, type FloatImage } from '../data/resize';
import { compareModel } from './compare-model';
import { formatRows } from './comparison';
import { hashBytesImage, hashImage, hashValues } from './hash';
import { readReference } from './reference';
import * as tf from '@tensorflow/tfjs';

const folder = join(__dirname, '../../../test/oracle');
const json = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));

function bits(values: Float32Array): string {
  const chosen = values.length > 24 ? [...values.subarray(0, 12), ...values.subarray(-12)] : [...values];
  return [...new Uint32Array(Float32Array.from(chosen).buffer)]
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('');
}

// All expected values here: PyTorch and torchvision, see test/oracle/README.md.
describe('reference values', () => {
  it('hash-made tensors and images are those of the Python script, bit for bit', () => {
    const check = json('hash-check.json') as {
      tensors: {
        name: string;
        shape: number[];
        gainSquared?: number;
        bits: string;
        scale?: number;
        offset?: number;
      }[];
      probes: { name: string; count: number; bits: string }[];
      images: { name: string; shape: number[]; bits: string }[];
      byteImages: { name: string; shape: number[]; values: number[] }[];
    };
    for (const { name, count, bits: expected } of check.probes)
      expect(bitsOfAll(hashValues(`${name}.probe`, count))).toBe(expected);
    for (const { name, shape, bits: expected } of check.images)
      expect(bits(hashImage(name, shape))).toBe(expected);
    for (const { name, shape, values } of check.byteImages)
      expect([...hashBytesImage(name, shape).subarray(0, values.length)]).toEqual(values);
    expect(check.probes.length + check.images.length + check.byteImages.length).toBeGreaterThan(2);
  });

  it('ResNet-18 agrees in every output, feature, gradient, statistic and optimizer run', async () => {
    const engine = await createEngine();
    const comparison = await compareModel(engine, await readReference(join(folder, 'resnet18.json')));
    engine.dispose();
    expect(comparison.rows.size).toBeGreaterThan(60);
    expect(comparison.over, formatRows(comparison.over)).toEqual([]);
  });

  it.each(['vgg11_bn-narrow-48x80', 'resnet34-48x80'])(
    '%s agrees too: other depths, widths, and pictures that are not square',
    async (name) => {
      const engine = await createEngine();
      const comparison = await compareModel(engine, await readReference(join(folder, `${name}.json`)));
      engine.dispose();
      expect(comparison.rows.size).toBeGreaterThan(35);
      expect(comparison.over, formatRows(comparison.over)).toEqual([]);
    },
    300_000,
  );

  it.each([
    ['sequence', 50],
    ['token', 50],
    ['question', 50],
  ])(
    'BERT with the head for a %s agrees in every output, feature, gradient and optimizer run',
    async (head, rows) => {
      const engine = await createEngine();
      const comparison = await compareModel(
        engine,
        await readReference(join(folder, `bert-tiny-${head}.json`)),
      );
      engine.dispose();
      expect(comparison.rows.size).toBeGreaterThan(rows);
      expect(comparison.over, formatRows(comparison.over)).toEqual([]);
    },
    120_000,
  );

  it.each([
    ['gpt2-tiny', 50],
    ['gpt2-wide-head', 30],
  ])(
    '%s agrees in every output, feature, gradient and optimizer run, and in its greedy texts',
    async (name, rows) => {
      const engine = await createEngine();
      const comparison = await compareModel(engine, await readReference(join(folder, `${name}.json`)));
      engine.dispose();
      expect(comparison.rows.size).toBeGreaterThan(rows);
      expect(comparison.over, formatRows(comparison.over)).toEqual([]);
    },
    120_000,
  );

  it('says what a file lacks, and which families there are', async () => {
    const reference = await readReference(join(folder, 'bert-tiny-sequence.json'));
    const engine = await createEngine();
    const [row] = reference.eval;
    const without = { ...reference, eval: [{ ...row, features: {}, logits: undefined }] };
    await expect(compareModel(engine, without)).rejects.toThrow(
      /bert-tiny-sequence, eval is not of a reference file's form/,
    );
    const other = { ...reference, config: { family: 't5' } };
    await expect(compareModel(engine, other)).rejects.toThrow(
      'is of family "t5"; known: resnet, vgg, bert, gpt2.',
    );
    engine.dispose();
  });

  it('cross entropy agrees with torch for every counted row', () => {
    const { crossEntropy: expected } = json('losses.json') as {
      crossEntropy: {
        logits: number[][];
        labels: number[];
        cases: { name: string; loss: number | number[] }[];
      };
    };
    const losses = expected.cases.find(({ name }) => name === 'none')?.loss as number[];
    const labels = expected.labels.map(
      (label) => expected.logits[0]?.map((_, c) => (c === label ? 1 : 0)) ?? [],
    );
    const ours = crossEntropy(tf.tensor2d(expected.logits), tf.tensor2d(labels)).arraySync();
    for (const [row, loss] of losses.entries()) expect(ours[row]).toBeCloseTo(loss, 5);
  });

  it('resizing, cropping, mirroring and normalising agree with torchvision on float images', () => {
    type Argument = number | number[];
    const { cases, mean, std } = json('transforms.json') as {
      mean: number[];
      std: number[];
      cases: {
        image: { name: string; shape: number[] };
        steps: { name: string; arguments: Argument[] }[];
        float: { size: [number, number]; pixels: number[][] };
      }[];
    };
    const pair = (size: Argument = 0): [number, number] =>
      typeof size === 'number' ? [size, size] : [size[0] ?? 0, size[1] ?? 0];
    const apply = (image: FloatImage, name: string, [first = 0, ...rest]: Argument[]): FloatImage => {
      if (name === 'resize') {
        const [height, width] = pair(first);
        const to = Array.isArray(first) ? { width, height } : resizedSize(image.width, image.height, first);
        return resize(image, to.width, to.height);
      }
      if (name === 'centerCrop') return centerCrop(image, pair(first)[0]);
      if (name === 'resizedCrop') {
        const [top = 0, left = 0, height = 0, width = 0] = [first, ...rest] as number[];
        const [h, w] = pair(rest[3]);
        return resize(crop(image, { top, left, height, width }), w, h);
      }
      const data = image.data.slice();
      if (name === 'normalize')
        for (let i = 0; i < data.length; i++)
          data[i] = ((data[i] ?? 0) - (mean[i % 3] ?? 0)) / (std[i % 3] ?? 1);
      else
        for (let i = 0; i < data.length; i++) {
          const x = Math.floor(i / 3) % image.width;
          data[i] = image.data[i + 3 * (image.width - 1 - 2 * x)] ?? 0;
        }
      return { ...image, data };
    };
    const done = new Set<string>();
    for (const { image, steps, float } of cases) {
      const [, height = 1, width = 1] = image.shape;
      const bytes = hashBytesImage(image.name, image.shape);
      const data = new Float64Array(3 * height * width);
      for (let index = 0; index < data.length; index++)
        data[index] = (bytes[(index % 3) * height * width + Math.floor(index / 3)] ?? 0) / 255;
      const result = steps.reduce<FloatImage>((current, step) => apply(current, step.name, step.arguments), {
        width,
        height,
        channels: 3,
        data,
      });
      for (const { name } of steps) done.add(name);
      expect([result.height, result.width]).toEqual(float.size);
      const tolerance = steps.some(({ name }) => name === 'normalize') ? 1.5e-4 : 3e-5;
      const places = (length: number): number[] => [
        ...[0, 1, Math.floor(length / 3), Math.floor(length / 2), length - 1],
      ];
      const starts = places(result.height).flatMap((y) =>
        places(result.width).map((x) => (y * result.width + x) * 3),
      );
      for (const [index, expected] of float.pixels.entries())
        for (const [c, value] of expected.entries()) {
          const ours = result.data[(starts[index] ?? 0) + c] ?? NaN;
          expect(Math.abs(ours - value), `${image.name}, pixel ${index}`).toBeLessThan(tolerance);
        }
    }
    expect(done).toEqual(new Set(['resize', 'centerCrop', 'normalize', 'flip', 'resizedCrop']));
  });

  it.each([
    // torch.nn.functional.interpolate(x, size, mode='bicubic', antialias=True) in float64, x[i] = (7 i mod 11) / 10
    [
      9,
      7,
      4,
      3,
      [
        0.431692, 0.536914, 0.46717, 0.473001, 0.539411, 0.444952, 0.565626, 0.472386, 0.492581, 0.554621,
        0.499821, 0.511782,
      ],
    ],
    [
      3,
      4,
      5,
      6,
      [
        -0.096797, 0.351609, 0.715846, 0.276607, 0.640844, 1.08925, 0.215407, 0.355443, 0.513678, 0.513498,
        0.701229, 0.867685, 0.626316, 0.370588, 0.265741, 0.834259, 0.729412, 0.473684, 0.28481, 0.424846,
        0.591917, 0.627082, 0.366462, 0.123429, 0.01075, 0.459156, 0.837085, 0.452616, 0.122087, -0.064052,
      ],
    ],
  ])('bicubic from %i x %i to %i x %i agrees with PyTorch', (height, width, toHeight, toWidth, expected) => {
    const data = Float64Array.from({ length: height * width }, (_, i) => ((7 * i) % 11) / 10);
    const resized = resize({ width, height, channels: 1, data }, toWidth, toHeight, 'bicubic');
    for (const [index, value] of expected.entries())
      expect(Math.abs((resized.data[index] ?? NaN) - value)).toBeLessThan(2e-6);
  });

  it('margins of the middle square round as torchvision rounds them', () => {
    const { centerCropAnchors } = json('transforms.json') as {
      centerCropAnchors: { image: number[]; crop: number[]; topLeft: number[] }[];
    };
    for (const { image, crop, topLeft } of centerCropAnchors)
      expect(image.map((size, axis) => roundHalfToEven((size - (crop[axis] ?? 0)) / 2))).toEqual(topLeft);
  });
});

function bitsOfAll(values: Float32Array): string {
  return [...new Uint32Array(values.buffer)].map((word) => word.toString(16).padStart(8, '0')).join('');
}
