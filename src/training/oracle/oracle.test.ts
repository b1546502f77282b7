import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../engine/engine';
import { crossEntropy } from '../tasks/image-classification';
import { resize, resizedSize, roundHalfToEven, type FloatImage } from '../data/resize';
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
    const comparison = compareModel(engine, await readReference(join(folder, 'resnet18.json')));
    engine.dispose();
    expect(comparison.rows.size).toBeGreaterThan(60);
    expect(comparison.over, formatRows(comparison.over)).toEqual([]);
  }, 300_000);

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

  it('resizing with antialias agrees with torchvision on float images', () => {
    const { cases } = json('transforms.json') as {
      cases: {
        image: { name: string; shape: number[] };
        steps: { name: string; arguments: (number | number[])[] }[];
        float: { size: [number, number]; pixels: number[][] };
      }[];
    };
    const resizing = cases.filter(
      ({ image, steps }) => image.shape[0] === 3 && steps.every(({ name }) => name === 'resize'),
    );
    expect(resizing.length).toBeGreaterThan(1);
    for (const { image, steps, float } of resizing) {
      const [, height = 1, width = 1] = image.shape;
      const bytes = hashBytesImage(image.name, image.shape);
      const data = new Float64Array(3 * height * width);
      for (let index = 0; index < data.length; index++)
        data[index] = (bytes[(index % 3) * height * width + Math.floor(index / 3)] ?? 0) / 255;
      const resized = steps.reduce<FloatImage>(
        (current, { arguments: [size] }) => {
          const [h = 0, w = 0] = Array.isArray(size) ? size : [];
          const to =
            typeof size === 'number'
              ? resizedSize(current.width, current.height, size)
              : { width: w, height: h };
          return resize(current, to.width, to.height);
        },
        { width, height, channels: 3, data },
      );
      expect([resized.height, resized.width]).toEqual(float.size);
      const places = (length: number): number[] => [
        ...[0, 1, Math.floor(length / 3), Math.floor(length / 2), length - 1],
      ];
      const starts = places(resized.height).flatMap((y) =>
        places(resized.width).map((x) => (y * resized.width + x) * 3),
      );
      for (const [index, expected] of float.pixels.entries())
        for (const [c, value] of expected.entries()) {
          const ours = resized.data[(starts[index] ?? 0) + c] ?? NaN;
          expect(Math.abs(ours - value), `${image.name}, pixel ${index}`).toBeLessThan(3e-5);
        }
    }
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
