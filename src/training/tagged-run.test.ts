/** A network answers for words: batches, loss and scores count the first token of each word and nothing else. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bert, experiment, strategies, taggedFile, type Experiment } from '../lab';
import { createEngine } from './engine/engine';
import type { Engine } from './engine/types';
import { phaseData } from './phase-data';
import { prepare } from './preparation';
import { memoryContext } from './testing/memory-context';
import { problemOf } from './testing/problem-of';
import { lossesOf } from './testing/tiny-run';
import { train } from './trainer';

let engine: Engine;
let folder: string;

const PEOPLE = ['ann', 'bob', 'carol', 'dan'];
const TOWNS = ['paris', 'rome', 'berlin', 'oslo'];

beforeAll(async () => {
  engine = await createEngine();
  folder = await mkdtemp(join(tmpdir(), 'transfer-lab-tagged-'));
  const rows = PEOPLE.flatMap((person, index) =>
    TOWNS.map((town, place) => ({
      words: [person, 'smith', 'never', 'left', town, place % 2 === 0 ? '.' : 'again'],
      tags: ['B-PER', 'I-PER', 'O', 'O', 'B-LOC', 'O'],
      split: (index + place) % 4 === 0 ? 'val' : 'train',
    })),
  );
  const lines = [...rows, { words: ['too', 'short'], tags: ['O'], split: 'train' }];
  await writeFile(join(folder, 'names.jsonl'), lines.map((row) => JSON.stringify(row)).join('\n'));
});
afterAll(async () => {
  engine.dispose();
  await rm(folder, { recursive: true, force: true });
});

const tiny = (more: Partial<Experiment> = {}): Experiment =>
  experiment({
    data: taggedFile('names.jsonl', { maxTokens: 16 }),
    model: bert({ weights: null, size: 'bert-tiny' }),
    strategy: strategies.wholeModel({ learningRate: 2e-3 }),
    epochs: 6,
    batchSize: 4,
    seed: 1,
    ...more,
  });

describe('training on tagged texts', () => {
  it('asks for the first token of each word: others, padding and a late batch do not count', async () => {
    const context = memoryContext(engine, folder);
    const { model, dataset, modelInfo } = await prepare(tiny({ batchSize: 5 }), context);
    expect(dataset.classNames).toEqual(['B-LOC', 'B-PER', 'I-PER', 'O']);
    expect(dataset.info.skipped).toMatchObject([{ reason: 'row 17: 2 words, but 1 tags' }]);
    expect(modelInfo.layerGroups.map(({ name }) => name)).toEqual([
      'embeddings',
      'layer.0',
      'layer.1',
      'head',
    ]);
    const data = await phaseData(context, model, dataset, { from: 0 }, undefined, { batchSize: 5, seed: 1 });
    const batches = data.training(0);
    // 12 texts of 6 words, whatever pieces they are in: 72 answers in three batches of 5, the last of which is filled up.
    const counted = batches.map((batch) => data.labels(batch, 0).counted);
    expect(counted.sort((a, b) => a - b)).toEqual([12, 30, 30]);
    for (const batch of batches) {
      const { mask, classes, labels } = data.labels(batch, 0);
      expect(mask).toHaveLength(5 * batch.layout.answers);
      expect([...classes].map((label) => (label >= 0 ? 1 : 0))).toEqual([...mask]);
      expect(labels.reduce((sum, one) => sum + one, 0)).toBe(mask.reduce((sum, one) => sum + one, 0));
    }
    model.dispose();
  });

  it('learns, and scores words and whole entities', async () => {
    const context = memoryContext(engine, folder);
    const { final, predictions } = await train(tiny({ epochs: 12 }), context);
    const losses = lossesOf(context.events).map(([, loss]) => loss);
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 4);
    // Four texts of six words each; every name and town has been seen in another text.
    expect(final.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(24);
    expect(final.accuracy).toBe(1);
    expect(final.entities).toMatchObject({ precision: 1, recall: 1, f1: 1 });
    expect(final.entities?.perType.map(({ className, support }) => [className, support])).toEqual([
      ['LOC', 4],
      ['PER', 4],
    ]);
    expect(predictions).toEqual([]); // Only mistakes are kept, and there are none.
  });

  it('learns from kept features, one for each token, and names the words that it got wrong', async () => {
    const context = memoryContext(engine, folder);
    const strategy = strategies.featureExtraction({ learningRate: 1e-5 });
    const { final, predictions } = await train(tiny({ strategy, epochs: 1 }), context);
    const wrong = Math.round((1 - final.accuracy) * 24);
    expect(wrong).toBeGreaterThan(0);
    expect(predictions).toHaveLength(wrong);
    expect(predictions[0]?.text).toMatch(/^\w+ – \w+ smith never left \w+/);
    expect(predictions[0]?.file).toMatch(/names\.jsonl:\d+$/);
  });

  it('refuses an own head, which would answer for the whole text', async () => {
    const model = bert({ weights: null, size: 'bert-tiny', head: (features) => features });
    expect(await problemOf(prepare(tiny({ model }), memoryContext(engine, folder)))).toBe('head-for-tokens');
  });
});
