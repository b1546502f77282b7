import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bert, experiment, imageFolder, strategies, textFile, type Experiment } from '../lab';
import { createEngine } from './engine/engine';
import type { Engine } from './engine/types';
import { forgetFeatures } from './feature-cache';
import { prepare } from './preparation';
import { memoryContext } from './testing/memory-context';
import { problemOf } from './testing/problem-of';
import { keptWeights, lossesOf } from './testing/tiny-run';
import { train } from './trainer';

let engine: Engine;
let folder: string;

const GOOD = ['I liked it', 'a lovely film', 'great food and friendly people', 'works very well', 'so happy'];
const BAD = ['I hated it', 'an awful film', 'cold food and rude people', 'broke after one day', 'so sad'];
const PLACES = [
  'in town',
  'at home',
  'by the sea, where we stayed for a week with all of our friends',
  'again',
];

beforeAll(async () => {
  engine = await createEngine();
  folder = await mkdtemp(join(tmpdir(), 'transfer-lab-text-'));
  const rows = PLACES.flatMap((place) =>
    [...GOOD.entries(), ...BAD.entries()].map(([index, text], row) => {
      const label = row < GOOD.length ? 'positive' : 'negative';
      return `"${text} ${place}",${label},${index === 0 ? 'val' : 'train'}`;
    }),
  );
  await writeFile(join(folder, 'reviews.csv'), ['text,label,split', ...rows].join('\n'));
});

afterAll(async () => {
  engine.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** 32 texts to train with, a network of two narrow layers. */
const tiny = (more: Partial<Experiment> = {}): Experiment =>
  experiment({
    data: textFile('reviews.csv', { maxTokens: 32 }),
    model: bert({ weights: null, size: 'bert-tiny' }),
    strategy: strategies.wholeModel({ learningRate: 1e-3 }),
    epochs: 2,
    batchSize: 8,
    seed: 1,
    ...more,
  });

describe('training on texts', () => {
  it('learns, in batches of few lengths, and shows the texts that it was wrong about', async () => {
    const context = memoryContext(engine, folder);
    const result = await train(tiny({ epochs: 8 }), context);
    const losses = lossesOf(context.events).map(([, loss]) => loss);
    expect(losses).toHaveLength(8 * 4);
    expect(losses.slice(-4).reduce((a, b) => a + b) / 4).toBeLessThan((losses[0] ?? 0) / 2);
    expect(result.predictions).toHaveLength(8);
    for (const { text, file } of result.predictions) {
      expect(text).toMatch(/^(I liked|I hated) it /);
      expect(file).toMatch(/reviews\.csv:\d+$/);
    }
  });

  it('is the same with the same seed, dropout included, and another with another seed', async () => {
    const run = async (seed: number): Promise<unknown> => {
      const context = memoryContext(engine, folder);
      await train(tiny({ seed }), context);
      return lossesOf(context.events);
    };
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
  });

  it('goes on from a stop to the very same weights', async () => {
    const whole = memoryContext(engine, folder);
    await train(tiny(), whole);
    const stopped = memoryContext(engine, folder, {
      onEvent: (event, context) => {
        if (event.type === 'stepEnd' && event.step === 3) context.stop();
      },
    });
    await train(tiny(), stopped);
    const snapshot = stopped.snapshots.at(-1);
    expect(snapshot?.step).toBe(3);
    const resumed = memoryContext(engine, folder, snapshot ? { resume: snapshot } : {});
    await train(tiny(), resumed);
    expect([...lossesOf(stopped.events), ...lossesOf(resumed.events)]).toEqual(lossesOf(whole.events));
    expect(keptWeights(resumed)).toEqual(keptWeights(whole));
  });

  it.each([
    ['one vector for each text', strategies.featureExtraction()],
    ['one vector for each token', strategies.layerGroups(['layer.1'])],
  ])('learns the same from kept features, %s, as from the texts', async (_, strategy) => {
    forgetFeatures();
    const model = bert({ weights: null, size: 'bert-tiny', dropout: 0 });
    // All texts in one batch: whatever their order, the mean loss is the same.
    const common = { model, batchSize: 32, epochs: 3 };
    const kept = memoryContext(engine, folder);
    const { final } = await train(tiny({ ...common, strategy }), kept);
    const told = kept.events.flatMap((event) => (event.type === 'log' ? [event.text] : []));
    expect(told.join()).toMatch(/computed once for every text/);
    // Also an embedding table that trains, at a rate of nothing: now all layers run in every step.
    const plan: typeof strategy.plan = (groups, epochs) =>
      strategy.plan(groups, epochs).map((phase) => ({
        ...phase,
        learningRates: { embeddings: 1e-30, ...phase.learningRates },
      }));
    const live = memoryContext(engine, folder);
    const { final: expected } = await train(tiny({ ...common, strategy: { ...strategy, plan } }), live);
    for (const [index, [, loss]] of lossesOf(kept.events).entries())
      expect(loss).toBeCloseTo(lossesOf(live.events)[index]?.[1] ?? NaN, 4);
    expect(final.loss).toBeCloseTo(expected.loss, 4);
    expect(final.confusion).toEqual(expected.confusion);
  });

  it('keeps features of one pooling apart from those of another', async () => {
    forgetFeatures();
    const strategy = strategies.featureExtraction();
    const run = async (pooling: 'mean' | 'first'): Promise<unknown> => {
      const context = memoryContext(engine, folder);
      await train(
        tiny({ model: bert({ weights: null, size: 'bert-tiny', pooling }), strategy, epochs: 1 }),
        context,
      );
      return lossesOf(context.events);
    };
    expect(await run('mean')).not.toEqual(await run('first'));
  });

  it('has the last layers as its last groups, whatever stands between them and the head', async () => {
    const { modelInfo, model } = await prepare(
      tiny({ strategy: strategies.layerGroups({ last: 2 }) }),
      memoryContext(engine, folder),
    );
    expect(modelInfo.layerGroups.filter(({ trainable }) => trainable).map(({ name }) => name)).toEqual([
      'layer.1',
      'head',
    ]);
    model.dispose();
  });

  it('says so where pictures are given to a network that reads texts', async () => {
    const wrong = tiny({ data: imageFolder('reviews.csv') });
    expect(await problemOf(prepare(wrong, memoryContext(engine, folder)))).toBe('wrong-data');
  });
});
