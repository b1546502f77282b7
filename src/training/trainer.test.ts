import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  allStrategies,
  experiment,
  imageFolder,
  resnet18,
  strategies,
  type Experiment,
  type ExperimentOptions,
} from '../lab';
import { LearnerError } from '../protocol/errors';
import type { RunEvent } from '../protocol/events';
import { createEngine } from './engine/engine';
import type { Engine } from './engine/types';
import { forgetFeatures } from './feature-cache';
import { architectures } from './models';
import { hashBytesImage } from './oracle/hash';
import { randomStream } from './random';
import { memoryContext, type MemoryContext } from './testing/memory-context';
import { train } from './trainer';
import { encodeSafetensors, type SafetensorsEntry } from './weights/safetensors';

let engine: Engine;
let folder: string;

/** 7 + 3 + 3 pictures of each of three classes, told apart by a coloured half. */
async function makePictures(root: string): Promise<void> {
  for (const [split, count] of [
    ['train', 7],
    ['val', 3],
    ['test', 3],
  ] as const)
    for (const [label, name] of ['blue', 'green', 'red'].entries()) {
      await mkdir(join(root, split, name), { recursive: true });
      for (let index = 0; index < count; index++) {
        const planes = hashBytesImage(`${split}.${name}.${index}`, [3, 32, 32]);
        const pixels = Uint8Array.from({ length: 3 * 32 * 32 }, (_, place) => {
          const noise = planes[(place % 3) * 1024 + Math.floor(place / 3)] ?? 0;
          return place % 3 === 2 - label ? 255 - noise / 4 : noise / 2;
        });
        await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
          .png()
          .toFile(join(root, split, name, `${index}.png`));
      }
    }
}

/** A checkpoint of a very narrow ResNet-18, told by its shapes. */
async function makeWeights(file: string): Promise<void> {
  const model = architectures[0]?.create({ numClasses: 5, seed: 9, width: 4 });
  const tensors = new Map<string, SafetensorsEntry>();
  for (const { name, checkpointShape: shape } of model?.store.tensors.values() ?? []) {
    const stream = randomStream(5, name);
    const count = shape.reduce((product, size) => product * size, 1);
    const scale = shape.length > 1 ? Math.sqrt((3 * (shape[0] ?? 1)) / count) : 0.1;
    const offset = name.endsWith('running_var') || (name.endsWith('weight') && shape.length === 1) ? 1 : 0;
    const values = Float32Array.from(
      { length: count },
      (_, i) => (2 * stream.uniform(i) - 1) * scale + offset,
    );
    tensors.set(name, { dtype: 'F32', shape, bytes: new Uint8Array(values.buffer) });
  }
  model?.dispose();
  await writeFile(file, encodeSafetensors(tensors));
}

beforeAll(async () => {
  engine = await createEngine();
  folder = await mkdtemp(join(tmpdir(), 'transfer-lab-trainer-'));
  await makePictures(join(folder, 'data'));
  await makeWeights(join(folder, 'tiny.safetensors'));
});

afterAll(async () => {
  engine.dispose();
  await rm(folder, { recursive: true, force: true });
});

function tiny(changes: Partial<ExperimentOptions> = {}): Experiment {
  return experiment({
    data: imageFolder('data', { imageSize: 32, seed: 1 }),
    model: resnet18({ weights: './tiny.safetensors' }),
    strategy: strategies.wholeModel({ learningRate: 3e-3 }),
    epochs: 2,
    batchSize: 8,
    seed: 1,
    ...changes,
  });
}

const losses = (events: readonly RunEvent[]): (readonly [number, number])[] =>
  events.flatMap((event) => (event.type === 'stepEnd' ? [[event.step, event.trainLoss] as const] : []));

const weights = ({ best }: MemoryContext): Record<string, string> =>
  Object.fromEntries(
    Object.entries(best?.tensors ?? {}).map(([name, { data }]) => [
      name,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
    ]),
  );

async function problemOf(run: Promise<unknown>): Promise<string> {
  try {
    await run;
  } catch (error) {
    if (error instanceof LearnerError) return error.problem.code;
    throw error;
  }
  return 'none';
}

describe('training', () => {
  it.each(allStrategies.map((strategy) => [strategy.id, strategy] as const))(
    '%s moves what it trains and leaves the rest bit for bit, BatchNorm statistics included',
    async (_, strategy) => {
      const context = memoryContext(engine, folder);
      const chosen = strategy.derive(tiny());
      const result = await train(chosen, context);
      const groups = result.movement.map(({ name }) => name);
      const trained = new Set(
        chosen.strategy.plan(groups, 2).flatMap(({ learningRates }) => Object.keys(learningRates)),
      );
      expect(result.movement.filter(({ identical }) => identical).map(({ name }) => name)).toEqual(
        groups.filter((name) => !trained.has(name)),
      );
      expect(losses(context.events).length).toBe(result.steps);
      expect(context.events.at(-1)?.type).toBe('done');
    },
  );

  it('gives the same run for the same seed, and another for another', async () => {
    const [first, second, other] = [
      memoryContext(engine, folder),
      memoryContext(engine, folder),
      memoryContext(engine, folder),
    ];
    await train(tiny(), first);
    await train(tiny(), second);
    await train(tiny({ seed: 2 }), other);
    expect(losses(second.events)).toEqual(losses(first.events));
    expect(weights(second)).toEqual(weights(first));
    expect(losses(other.events)).not.toEqual(losses(first.events));
  });

  it.each([
    ['whole model', () => tiny({ augmentation: { horizontalFlip: true } })],
    ['last stage', () => tiny({ strategy: strategies.lastStage({ optimizer: 'sgd', learningRate: 1e-2 }) })],
    ['gradual unfreezing', () => tiny({ strategy: strategies.gradualUnfreezing({ epochsPerGroup: 1 }) })],
  ])('%s stopped after any step and resumed equals the run that was not, bit for bit', async (_, make) => {
    const whole = memoryContext(engine, folder);
    const { steps } = await train(make(), whole);
    for (let stopAt = 1; stopAt < steps; stopAt++) {
      const stopped = memoryContext(engine, folder, {
        onEvent: (event, context) => {
          if (event.type === 'stepEnd' && event.step === stopAt) context.stop();
        },
      });
      expect((await train(make(), stopped)).reason).toBe('stopped');
      const snapshot = stopped.snapshots.at(-1);
      expect(snapshot?.step).toBe(stopAt);
      const resumed = memoryContext(engine, folder, snapshot ? { resume: snapshot } : {});
      expect((await train(make(), resumed)).reason).toBe('finished');
      expect([...losses(stopped.events), ...losses(resumed.events)]).toEqual(losses(whole.events));
      expect(weights(resumed)).toEqual(weights(whole));
    }
  });

  it('computes the frozen layers again to the same values when the cache is gone', async () => {
    const make = (): Experiment =>
      tiny({ strategy: strategies.featureExtraction(), augmentation: { horizontalFlip: true } });
    const first = memoryContext(engine, folder);
    await train(make(), first);
    forgetFeatures();
    const fromDisk = memoryContext(engine, folder);
    await train(make(), fromDisk);
    await rm(join(folder, '.transfer-lab'), { recursive: true });
    forgetFeatures();
    const again = memoryContext(engine, folder);
    await train(make(), again);
    expect(losses(fromDisk.events)).toEqual(losses(first.events));
    expect(losses(again.events)).toEqual(losses(first.events));
    const said = [first, fromDisk, again].map(({ events }) =>
      JSON.stringify(events.filter(({ type }) => type === 'log')),
    );
    expect(said.map((text) => /\(disk\)/.test(text))).toEqual([false, true, false]);
  });

  it('refuses to go on from a checkpoint of another experiment', async () => {
    const stopped = memoryContext(engine, folder, {
      onEvent: (event, context) => event.type === 'stepEnd' && context.stop(),
    });
    await train(tiny(), stopped);
    const resume = stopped.snapshots.at(-1);
    const other = memoryContext(engine, folder, resume ? { resume } : {});
    expect(await problemOf(train(tiny({ batchSize: 4 }), other))).toBe('checkpoint-other-run');
  });

  it('stops with the likely cause when the loss is no number', async () => {
    const context = memoryContext(engine, folder);
    const strategy = strategies.wholeModel({ optimizer: 'sgd', learningRate: 99, schedule: 'constant' });
    const explode = tiny({ strategy, loss: (logits, labels) => tf.sum(tf.mul(tf.exp(logits), labels), 1) });
    expect(await problemOf(train(explode, context))).toBe('loss-not-finite');
  });

  it('says that a batch is larger than the data', async () => {
    expect(await problemOf(train(tiny({ batchSize: 22 }), memoryContext(engine, folder)))).toBe(
      'batch-larger-than-data',
    );
  });

  it('trains an own head and an own loss, written in TensorFlow.js', async () => {
    const context = memoryContext(engine, folder);
    const model = resnet18({
      weights: './tiny.safetensors',
      head: (features, { linear, numClasses }) =>
        linear('out', linear('hidden', features, 6).relu(), numClasses),
    });
    const loss = (logits: tf.Tensor2D, labels: tf.Tensor2D): tf.Tensor1D =>
      tf.sum(tf.squaredDifference(tf.softmax(logits), labels), 1);
    await train(tiny({ model, loss, strategy: strategies.featureExtraction() }), context);
    expect(Object.keys(context.best?.tensors ?? {}).filter((name) => name.startsWith('fc.'))).toEqual([
      'fc.hidden.weight',
      'fc.hidden.bias',
      'fc.out.weight',
      'fc.out.bias',
    ]);
  });

  it('leaves no tensor behind', async () => {
    await train(tiny(), memoryContext(engine, folder));
    const before = tf.memory().numTensors;
    await train(tiny(), memoryContext(engine, folder));
    expect(tf.memory().numTensors).toBe(before);
  });
});
