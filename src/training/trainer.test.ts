import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allStrategies, imageFolder, resnet18, strategies, type Experiment } from '../lab';
import { createEngine } from './engine/engine';
import type { Engine } from './engine/types';
import { forgetFeatures } from './feature-cache';
import { tensorsOf } from './models/model';
import { prepare } from './preparation';
import { SharedWork } from './shared-work';
import { memoryContext } from './testing/memory-context';
import { problemOf } from './testing/problem-of';
import { keptWeights, lossesOf, makeTinyWorkshop, tiny } from './testing/tiny-run';
import { useTinyWorkshop } from './testing/use-tiny-workshop';
import { train } from './trainer';
import { copyTensors } from './training-state';
import { fromCheckpointOrder } from './weights/load';

let engine: Engine;
const workshop = useTinyWorkshop();
let folder: string;

beforeAll(async () => {
  engine = await createEngine();
  ({ folder } = workshop);
});

afterAll(() => engine.dispose());

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
      expect(lossesOf(context.events).length).toBe(result.steps);
      expect(context.events.at(-1)?.type).toBe('done');
    },
  );

  it('tells after an epoch how far each group is from where it began', async () => {
    const make = (): Experiment =>
      tiny({ epochs: 1, strategy: strategies.lastStage({ learningRate: 1e-2 }) });
    const { model } = await prepare(make(), memoryContext(engine, folder));
    const before = copyTensors(engine, model);
    const context = memoryContext(engine, folder);
    await train(make(), context);
    // Straight from the formula: ‖w − w0‖ / ‖w0‖ over the weights of the only epoch, which are the ones kept.
    const expected = model.layerGroups.map((group) => {
      const names = tensorsOf(model, group).flatMap(({ name, kind }) => (kind === 'parameter' ? [name] : []));
      const was = names.flatMap((name) => [...(before.get(name) ?? [])]);
      const length = Math.hypot(...was);
      const sum = names.reduce((squares, name) => {
        const tensor = model.store.get(name);
        const now = fromCheckpointOrder(
          context.best?.tensors[name]?.data as Float32Array,
          tensor.checkpointShape,
          tensor.layout,
        );
        return (
          squares + now.reduce((part, value, i) => part + (value - (before.get(name)?.[i] ?? 0)) ** 2, 0)
        );
      }, 0);
      return { name: group.name, relativeChange: Math.sqrt(sum) / length };
    });
    model.dispose();
    const [told, ...more] = context.events.flatMap((event) => (event.type === 'layersMoved' ? [event] : []));
    expect(more).toEqual([]);
    expect(told?.epoch).toBe(1);
    expect(told?.groups.map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
    for (const [index, { relativeChange }] of (told?.groups ?? []).entries())
      expect(relativeChange).toBeCloseTo(expected[index]?.relativeChange ?? -1, 9);
    expect(told?.groups.map(({ relativeChange }) => relativeChange > 0)).toEqual([
      ...Array<boolean>(4).fill(false),
      ...Array<boolean>(2).fill(true),
    ]);
  });

  it('gives the same run for the same seed, and another for another', async () => {
    const [first, second, other] = [
      memoryContext(engine, folder),
      memoryContext(engine, folder),
      memoryContext(engine, folder),
    ];
    await train(tiny(), first);
    await train(tiny(), second);
    await train(tiny({ seed: 2 }), other);
    expect(lossesOf(second.events)).toEqual(lossesOf(first.events));
    expect(keptWeights(second)).toEqual(keptWeights(first));
    expect(lossesOf(other.events)).not.toEqual(lossesOf(first.events));
  });

  it('gives the runs of one comparison the pictures that the first one read, whatever becomes of the folder', async () => {
    const changed = await makeTinyWorkshop();
    try {
      const alone = memoryContext(engine, changed.folder);
      await train(tiny(), alone);
      const shared = new SharedWork();
      await train(
        tiny({ strategy: strategies.featureExtraction() }),
        memoryContext(engine, changed.folder, { shared }),
      );
      await rm(join(changed.folder, 'data'), { recursive: true });
      const second = memoryContext(engine, changed.folder, { shared });
      await train(tiny(), second);
      expect(lossesOf(second.events)).toEqual(lossesOf(alone.events));
      const other = imageFolder('data', { imageSize: 48, seed: 1 });
      const third = memoryContext(engine, changed.folder, { shared });
      expect(await problemOf(train(tiny({ data: other }), third))).toBe('data-folder-missing');
    } finally {
      await changed.remove();
    }
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
      expect([...lossesOf(stopped.events), ...lossesOf(resumed.events)]).toEqual(lossesOf(whole.events));
      expect(keptWeights(resumed)).toEqual(keptWeights(whole));
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
    expect(lossesOf(fromDisk.events)).toEqual(lossesOf(first.events));
    expect(lossesOf(again.events)).toEqual(lossesOf(first.events));
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
