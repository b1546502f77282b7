import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { architectures, type PictureArchitecture } from '.';
import { assetsRoot } from '../assets';
import { LearnerError } from '../../protocol/errors';
import { createEngine } from '../engine/engine';
import type { Engine, TensorData } from '../engine/types';
import { exportTensors, loadWeights, openCheckpoint, type Checkpoint } from '../weights/load';
import type { SafetensorsEntry } from '../weights/safetensors';
import { compileTrainingStep, createOptimizer, trainedPart } from '../phase-program';
import { IMAGENET } from '../weights/preprocessing';
import { drawMasks } from './layers/dropout';
import { featureMaps, forwardWithMaps, tensorsOf, type TransferModel } from './model';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});

const sameBytes = (a: TensorData, b: TensorData): boolean =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));

const NUM_CLASSES = 3;
const table = architectures
  .filter((one): one is PictureArchitecture => one.reads === 'pictures')
  .map((architecture) => [architecture.name, architecture] as const);

function checkpointOf(
  model: TransferModel,
  changes: Record<string, SafetensorsEntry | undefined> = {},
): Checkpoint {
  const tensors = new Map<string, SafetensorsEntry>();
  const values = exportTensors(model, ({ variable }) => engine.data(variable));
  for (const [name, { shape, dtype, data }] of Object.entries(values))
    tensors.set(name, {
      dtype: dtype === 'int32' ? 'I32' : 'F32',
      shape,
      bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    });
  for (const [name, entry] of Object.entries(changes)) {
    if (entry) tensors.set(name, entry);
    else tensors.delete(name);
  }
  return {
    title: 'mine.safetensors',
    file: 'mine.safetensors',
    content: { tensors, metadata: {} },
    preprocessing: IMAGENET,
  };
}

describe.each(table)('%s', (_, architecture) => {
  it('gives finite logits [batch, numClasses] from its features', () => {
    const model = architecture.create({ numClasses: NUM_CLASSES, seed: 1, width: 4 });
    tf.tidy(() => {
      const features = model.forwardFeatures(tf.ones([2, 32, 32, 3]), false);
      expect(features.shape).toEqual([2, model.featureSize]);
      const logits = model.forwardHead(features);
      expect(logits.shape).toEqual([2, NUM_CLASSES]);
      expect([...logits.dataSync()].every(Number.isFinite)).toBe(true);
    });
    model.dispose();
  });

  it('passes its feature maps on the way to its logits, and goes on from each to the same logits', () => {
    const model = architecture.create({ numClasses: NUM_CLASSES, seed: 1, width: 4 });
    tf.tidy(() => {
      const images = tf.ones<tf.Rank.R4>([2, 64, 64, 3]);
      const expected = model.forwardHead(model.forwardFeatures(images, false)).dataSync();
      const { logits, maps } = forwardWithMaps(model, images);
      expect([...logits.dataSync()]).toEqual([...expected]);
      const layers = featureMaps(model);
      expect(layers.length).toBeGreaterThan(3);
      for (const layer of layers) {
        const map = maps[layer.name] as tf.Tensor4D;
        expect(map.shape[0]).toBe(2);
        layer
          .logits(map)
          .dataSync()
          .forEach((value, at) => expect(value).toBeCloseTo(expected[at] ?? 0, 5));
      }
    });
    model.dispose();
  });

  it('has every tensor in exactly one layer group, the head last', () => {
    const model = architecture.create({ numClasses: NUM_CLASSES, seed: 1, width: 4 });
    const grouped = model.layerGroups.flatMap((group) => tensorsOf(model, group).map(({ name }) => name));
    expect([...grouped].sort()).toEqual([...model.store.tensors.keys()].sort());
    model.resetHead(7);
    expect(tf.tidy(() => model.forwardHead(tf.ones([1, model.featureSize])).shape)).toEqual([1, 7]);
    model.dispose();
  });

  it('refuses an own head that does not give one number for each class', () => {
    const model = architecture.create({ numClasses: NUM_CLASSES, seed: 1, width: 4 });
    expect(() => model.resetHead(7, (features, { linear }) => linear('out', features, 2))).toThrow(
      'returns [batch, 2], where [batch, 7] is expected',
    );
    model.dispose();
  });

  it('moves every trained tensor in one step and no frozen one', () => {
    const model = architecture.create({ numClasses: NUM_CLASSES, seed: 1, width: 4 });
    const [last = '', head = ''] = model.layerGroups.slice(-2).map(({ name }) => name);
    const phase = { name: 'last stage', epochs: 1, learningRates: { [last]: 0.01, [head]: 0.01 } };
    const part = { ...trainedPart(model, phase), from: 0 };
    engine.adopt(part.parameters);
    const before = new Map(
      [...model.store.tensors.values()].map(({ name, variable }) => [name, engine.data(variable).slice()]),
    );
    const step = compileTrainingStep(engine, model, part, phase.name, {
      batchSize: 4,
      layout: { name: 'pictures', items: { shape: [64, 64, 3], dtype: 'float32' }, side: {}, answers: 1 },
    });
    const optimizer = createOptimizer(engine, model, part, {
      learningRate: 1e-3,
      optimizer: 'adamw',
      weightDecay: 0.1,
      schedule: 'constant',
      warmupSteps: 0,
    });
    const items = Float32Array.from({ length: 4 * 64 * 64 * 3 }, (_, index) => Math.sin(index * index));
    const labels = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0);
    const masks = drawMasks(step.masks, 1, 0);
    optimizer.apply(step.run({ items, labels, mask: new Float32Array(4).fill(1), ...masks }).gradients);
    const moved = [...model.store.tensors.values()]
      .filter(({ name, variable }) =>
        engine.data(variable).some((value, index) => !Object.is(value, before.get(name)?.[index])),
      )
      .map(({ name }) => name);
    const trained = model.layerGroups.slice(-2).flatMap((group) => tensorsOf(model, group));
    expect(moved).toEqual(trained.map(({ name }) => name));
    optimizer.dispose();
    step.dispose();
    model.dispose();
  });

  it('loads what it saved, and reports all that does not fit at once', () => {
    const saved = architecture.create({ numClasses: NUM_CLASSES, seed: 1, width: 4 });
    const model = architecture.create({ numClasses: NUM_CLASSES, seed: 2, width: 4 });
    loadWeights(model, checkpointOf(saved));
    for (const [name, { variable }] of saved.store.tensors)
      expect(sameBytes(engine.data(model.store.get(name).variable), engine.data(variable)), name).toBe(true);
    const [first = '', second = ''] = saved.store.tensors.keys();
    const flawed = checkpointOf(saved, {
      [first]: undefined,
      [second]: { dtype: 'F32', shape: [2], bytes: new Uint8Array(8) },
      'extra.weight': { dtype: 'F32', shape: [1], bytes: new Uint8Array(4) },
    });
    let message = '';
    try {
      loadWeights(model, flawed);
    } catch (error) {
      message = error instanceof LearnerError ? error.message : '';
    }
    expect(message).toContain(`1 missing: ${first}`);
    expect(message).toContain('1 unexpected: extra.weight');
    expect(message).toContain(`1 mismatched: "${second}" is [2], expected [4]`);
    const other = architecture.create({ numClasses: 5, seed: 2, width: 4 });
    expect(loadWeights(other, checkpointOf(saved)).headSkipped).toContain(
      'tells 3 classes apart, this data 5',
    );
    for (const each of [saved, model, other]) each.dispose();
  });
});

describe('the embedded zoo', () => {
  it('says what there is where a network has no embedded weights', async () => {
    const [, resnet50] = table.find(([name]) => name === 'resnet50') ?? [];
    await expect(async () => resnet50 && openCheckpoint('embedded', resnet50, assetsRoot())).rejects.toThrow(
      'No resnet50 came with this installation of Transfer Lab; these did: resnet10, resnet18, resnet34, vgg11_bn.',
    );
  });

  it.each(table.filter(([, { embedded }]) => embedded !== undefined))(
    '%s loads with its own head',
    async (_, architecture) => {
      const checkpoint = await openCheckpoint('embedded', architecture, assetsRoot());
      const shapes = new Map([...checkpoint.content.tensors].map(([name, { shape }]) => [name, shape]));
      const [numClasses = 0] = shapes.get('fc.bias') ?? shapes.get('classifier.6.bias') ?? [];
      const model = architecture.create({ numClasses, seed: 1, shapes });
      expect(loadWeights(model, checkpoint).headSkipped).toBeUndefined();
      model.dispose();
    },
  );
});
