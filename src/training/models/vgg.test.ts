import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPictureArchitecture } from '.';
import { experiment, imageFolder, strategies, vgg11, type Experiment } from '../../lab';
import { createEngine } from '../engine/engine';
import type { Engine } from '../engine/types';
import { hashBytesImage, hashValues } from '../oracle/hash';
import { memoryContext, type MemoryContext } from '../testing/memory-context';
import { train } from '../trainer';
import { loadWeights, openCheckpoint } from '../weights/load';
import { encodeSafetensors, type SafetensorsEntry } from '../weights/safetensors';
import { adaptiveAveragePool } from './layers/adaptive-pool';

let engine: Engine;
let folder: string;
beforeAll(async () => {
  engine = await createEngine();
  folder = await mkdtemp(join(tmpdir(), 'transfer-lab-vgg-'));
});
afterAll(async () => {
  engine.dispose();
  await rm(folder, { recursive: true, force: true });
});

const WIDTH = 2;

/** The tensors of a narrow VGG-11 under torchvision's names, hash-made. */
function narrowTensors(): Map<string, SafetensorsEntry> {
  const model = findPictureArchitecture('vgg11').create({ numClasses: 3, seed: 1, width: WIDTH });
  const tensors = new Map<string, SafetensorsEntry>();
  for (const { name, checkpointShape: shape } of model.store.tensors.values()) {
    const count = shape.reduce((product, size) => product * size, 1);
    const scale = shape.length > 1 ? Math.sqrt((6 * (shape[0] ?? 1)) / count) : 0.1;
    tensors.set(name, {
      dtype: 'F32',
      shape,
      bytes: new Uint8Array(hashValues(name, count, scale).buffer),
    });
  }
  model.dispose();
  return tensors;
}

describe('adaptive average pooling', () => {
  // torch.nn.functional.adaptive_avg_pool2d(x, (7, 7)) in float64, x[i] = i ** 1.5 in 10 rows of 3; the gradient is of
  // the sum of y[i] * i.
  const pooled = [
    2.59808, 2.59808, 3.54904, 4.5, 5.75219, 7.00438, 7.00438, 9.94655, 9.94655, 11.60334, 13.26013, 15.082,
    16.90388, 16.90388, 27.75539, 27.75539, 30.04689, 32.3384, 34.75145, 37.1645, 37.1645, 49.83198, 49.83198,
    52.63403, 55.43608, 58.33704, 61.238, 61.238, 76.89879, 76.89879, 80.11743, 83.33608, 86.64131, 89.94655,
    89.94655, 106.9048, 106.9048, 110.49969, 114.09457, 117.76694, 121.43932, 121.43932, 128.93581, 128.93581,
    132.75842, 136.58104, 140.47659, 144.37214, 144.37214,
  ];
  const gradient = [
    1, 3, 6.5, 10.75, 13, 21.75, 22.08333, 21.33333, 31.25, 12.33333, 11.33333, 16, 39.58333, 35.33333, 48.75,
    51.25, 44.66667, 60.41667, 24, 20.66667, 27.66667, 68.75, 58.66667, 77.91667, 98.25, 83, 109.25, 53.5, 45,
    59,
  ];

  it('of ten rows and three columns is that of PyTorch, and its gradient too, compiled', () => {
    const x = tf.variable(
      tf.tensor4d(
        Array.from({ length: 30 }, (_, i) => i ** 1.5),
        [1, 10, 3, 1],
      ),
    );
    engine.adopt([x]);
    const step = engine.compileStep({
      name: 'pool',
      inputs: {},
      trainable: [x],
      forward: () => {
        const y = adaptiveAveragePool(x, 7);
        return { loss: tf.sum(tf.mul(y, tf.reshape(tf.range(0, 49), [1, 7, 7, 1]))), outputs: { y } };
      },
    });
    const { outputs, gradients } = step.run({});
    expect(step.info.uncompiled).toEqual([]);
    for (const [index, value] of pooled.entries()) expect(outputs['y']?.[index]).toBeCloseTo(value, 3);
    const found = gradients.get(x.name) as Float32Array;
    for (const [index, value] of gradient.entries()) expect(found[index]).toBeCloseTo(value, 3);
    step.dispose();
    x.dispose();
  });
});

describe('dropout', () => {
  it('is off in evaluation: twice the same picture gives twice the same logits', () => {
    const model = findPictureArchitecture('vgg11').create({ numClasses: 3, seed: 1, width: WIDTH });
    tf.tidy(() => {
      const features = model.forwardFeatures(tf.ones([2, 32, 32, 3]), true);
      const [a, b] = model.forwardHead(features, true).arraySync();
      expect(a).toEqual(b);
    });
    model.dispose();
  });
});

describe('VGG', () => {
  it("takes timm's names and shapes for the same network, to the same logits", async () => {
    const torchvision = narrowTensors();
    const timm = new Map(
      [...torchvision].map(([name, entry]) => {
        const renamed = name
          .replace('classifier.0.', 'pre_logits.fc1.')
          .replace('classifier.3.', 'pre_logits.fc2.')
          .replace('classifier.6.', 'head.fc.');
        const [outputs = 0, inputs = 0] = entry.shape;
        const shape = renamed.endsWith('fc1.weight')
          ? [outputs, inputs / 49, 7, 7]
          : renamed.endsWith('fc2.weight')
            ? [outputs, inputs, 1, 1]
            : entry.shape;
        return [renamed, { ...entry, shape }] as const;
      }),
    );
    const logits: number[][][] = [];
    for (const [name, tensors] of [
      ['torchvision', torchvision],
      ['timm', timm],
    ] as const) {
      const file = join(folder, `${name}.safetensors`);
      await writeFile(file, encodeSafetensors(tensors));
      const architecture = findPictureArchitecture('vgg11');
      const checkpoint = await openCheckpoint(file, architecture, folder);
      const shapes = new Map([...checkpoint.content.tensors].map(([key, { shape }]) => [key, shape]));
      const model = architecture.create({ numClasses: 3, seed: 2, shapes, deferred: true });
      expect(loadWeights(model, checkpoint).headSkipped).toBeUndefined();
      logits.push(
        tf.tidy(() => model.forwardHead(model.forwardFeatures(tf.ones([1, 40, 56, 3]), false)).arraySync()),
      );
      model.dispose();
    }
    expect(logits[1]).toEqual(logits[0]);
  });

  it('stopped in the middle and resumed draws the masks that the whole run drew, bit for bit', async () => {
    for (const [label, name] of ['dark', 'light'].entries())
      for (let index = 0; index < 10; index++) {
        await mkdir(join(folder, 'data', name), { recursive: true });
        const pixels = hashBytesImage(`${name}.${index}`, [3, 32, 32]).map(
          (value) => value / 2 + 120 * label,
        );
        await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
          .png()
          .toFile(join(folder, 'data', name, `${index}.png`));
      }
    await writeFile(join(folder, 'narrow.safetensors'), encodeSafetensors(narrowTensors()));
    const make = (seed: number): Experiment =>
      experiment({
        data: imageFolder('data', { imageSize: 32, seed: 1 }),
        model: vgg11({ weights: './narrow.safetensors' }),
        strategy: strategies.layerGroups(['stage5', 'classifier', 'head'], { learningRate: 1e-3 }),
        epochs: 2,
        batchSize: 8,
        seed,
      });
    const losses = ({ events }: MemoryContext): number[] =>
      events.flatMap((event) => (event.type === 'stepEnd' ? [event.trainLoss] : []));
    const whole = memoryContext(engine, folder);
    await train(make(1), whole);
    const stopped = memoryContext(engine, folder, {
      onEvent: (event, context) => event.type === 'stepEnd' && event.step === 2 && context.stop(),
    });
    await train(make(1), stopped);
    const resume = stopped.snapshots.at(-1);
    const resumed = memoryContext(engine, folder, resume ? { resume } : {});
    await train(make(1), resumed);
    expect([...losses(stopped), ...losses(resumed)]).toEqual(losses(whole));
    expect(resumed.best).toEqual(whole.best);
  });
});
