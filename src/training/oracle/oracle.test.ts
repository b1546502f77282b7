import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../engine/engine';
import { crossEntropy } from '../tasks/image-classification';
import { resize, resizedSize, centerCrop } from '../data/resize';
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

  it('resizing with antialias and the middle square agree with torchvision on float images', () => {
    const { cases } = json('transforms.json') as {
      cases: {
        image: { name: string; shape: number[] };
        steps: { name: string; arguments: (number | number[])[] }[];
        float: { size: [number, number]; pixels: number[][] };
      }[];
    };
    let compared = 0;
    for (const { image, steps, float } of cases) {
      const [channels = 3, height = 1, width = 1] = image.shape;
      if (
        channels < 3 ||
        !steps.every(
          ({ name, arguments: [size] }) =>
            name === 'resize' || (name === 'centerCrop' && typeof size === 'number'),
        )
      )
        continue;
      const bytes = hashBytesImage(image.name, image.shape);
      const data = new Float64Array(3 * height * width);
      for (let index = 0; index < data.length; index++)
        data[index] = (bytes[(index % 3) * height * width + Math.floor(index / 3)] ?? 0) / 255;
      let current = { width, height, channels: 3, data };
      for (const {
        name,
        arguments: [size],
      } of steps) {
        const target =
          typeof size === 'number'
            ? resizedSize(current.width, current.height, size)
            : { height: size?.[0] ?? 0, width: size?.[1] ?? 0 };
        if (name === 'centerCrop' && Math.min(current.width, current.height) < Number(size)) return;
        current =
          name === 'resize'
            ? ({ ...resize(current, target.width, target.height) } as typeof current)
            : ({ ...centerCrop(current, Number(size)) } as typeof current);
      }
      expect([current.height, current.width]).toEqual(float.size);
      const places = (length: number): number[] => [
        0,
        1,
        Math.floor(length / 3),
        Math.floor(length / 2),
        length - 1,
      ];
      const pixels = places(current.height).flatMap((y) =>
        places(current.width).map((x) =>
          [0, 1, 2].map((c) => current.data[(y * current.width + x) * 3 + c] ?? NaN),
        ),
      );
      for (const [index, expected] of float.pixels.entries())
        for (const [c, value] of expected.entries())
          expect(Math.abs((pixels[index]?.[c] ?? NaN) - value)).toBeLessThan(3e-5);
      compared++;
    }
    expect(compared).toBeGreaterThan(1);
  });
});

function bitsOfAll(values: Float32Array): string {
  return [...new Uint32Array(values.buffer)].map((word) => word.toString(16).padStart(8, '0')).join('');
}
