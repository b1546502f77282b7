/** Where a text network's weights come from, and what is said where they do not fit. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { bert, experiment, strategies, textFile, type BertOptions, type Experiment } from '../lab';
import { LearnerError } from '../protocol/errors';
import { createEngine } from './engine/engine';
import type { Engine } from './engine/types';
import { prepare, type Prepared } from './preparation';
import { memoryContext, type MemoryContext } from './testing/memory-context';
import { makeTinyBert, TINY_BERT } from './testing/tiny-bert';
import { train } from './trainer';
import { DOWNLOAD_ALLOWED } from './weights/hub/allowed';
import { fakeHub } from './weights/hub/testing/fake-hub';

let engine: Engine;
let folder: string;

beforeAll(async () => {
  engine = await createEngine();
  folder = await mkdtemp(join(tmpdir(), 'transfer-lab-text-weights-'));
  const rows = ['good', 'fine', 'nice', 'bad', 'poor', 'sad'].flatMap((word, index) =>
    ['train', 'val'].map((split) => `a ${word} day of ${split},${index < 3 ? 'up' : 'down'},${split}`),
  );
  await writeFile(join(folder, 'days.csv'), ['text,label,split', ...rows].join('\n'));
  await makeTinyBert(join(folder, 'tiny'));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  engine.dispose();
  await rm(folder, { recursive: true, force: true });
});

function days(model: BertOptions, more: Partial<Experiment> = {}): Experiment {
  const data = textFile('days.csv', { maxTokens: 16 });
  const strategy = strategies.featureExtraction();
  return experiment({ data, model: bert(model), strategy, epochs: 1, batchSize: 2, seed: 1, ...more });
}

async function prepared(model: BertOptions): Promise<{ result: Prepared; context: MemoryContext }> {
  const context = memoryContext(engine, folder);
  const result = await prepare(days(model), context);
  result.model.dispose();
  return { result, context };
}

async function wordsOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof LearnerError) return `${error.problem.code}: ${error.problem.message}`;
    throw error;
  }
  return 'none';
}

describe('the weights of a text network', () => {
  it('come from a folder, with the sizes that its config.json names, and a new head', async () => {
    const { result, context } = await prepared({ weights: './tiny/model.safetensors' });
    expect(result.modelInfo.name).toBe('bert, 2 layers of 16');
    expect(result.modelInfo.weights).toBe('model.safetensors');
    const told = context.events.flatMap((event) => (event.type === 'log' ? [event.text] : []));
    expect(told).toContain('model.safetensors has no head of this kind: the head is new.');
  });

  it('may have the old names of LayerNorm, and a prefix', async () => {
    await makeTinyBert(join(folder, 'old'), TINY_BERT, (name) =>
      `bert.${name}`
        .replace(/LayerNorm\.weight$/, 'LayerNorm.gamma')
        .replace(/LayerNorm\.bias$/, 'LayerNorm.beta'),
    );
    expect((await prepared({ weights: './old/model.safetensors' })).result.modelInfo.parameters).toBe(
      (await prepared({ weights: './tiny/model.safetensors' })).result.modelInfo.parameters,
    );
  });

  it('may be the first layers only, of no more than there are', async () => {
    const { result } = await prepared({ weights: './tiny/model.safetensors', layers: 1 });
    expect(result.modelInfo.layerGroups.map(({ name }) => name)).toEqual([
      'embeddings',
      'layer.0',
      'pooler',
      'head',
    ]);
    expect(await wordsOf(prepared({ weights: './tiny/model.safetensors', layers: 3 }))).toBe(
      'too-many-layers: layers is 3, but model.safetensors has 2.',
    );
  });

  it('come from the Hub with their tokenizer, also by the names of old', async () => {
    const read = (name: string): Promise<Buffer> => readFile(join(folder, 'tiny', name));
    const hub = await fakeHub({
      'model.safetensors': await read('model.safetensors'),
      'config.json': await read('config.json'),
      'tokenizer.json': await read('tokenizer.json'),
    });
    vi.stubEnv('HF_ENDPOINT', hub.endpoint);
    vi.stubEnv('HF_HOME', join(folder, 'cache'));
    vi.stubEnv(DOWNLOAD_ALLOWED, '1');
    try {
      const { result } = await prepared({ weights: 'bert-base-uncased' });
      expect(result.modelInfo.weights).toMatch(/^google-bert\/bert-base-uncased@/);
      expect(result.modelInfo.name).toBe('bert, 2 layers of 16');
    } finally {
      await hub.close();
    }
  });

  it('may be those that a run has saved, with the tokenizer beside them', async () => {
    const context = memoryContext(engine, folder);
    await train(days({ weights: './tiny/model.safetensors' }), context);
    expect(context.best?.config).toMatchObject({
      model_type: 'bert',
      hidden_size: 16,
      classNames: ['down', 'up'],
      maxTokens: 16,
    });
    expect(Object.keys(context.best?.files ?? {})).toEqual(['tokenizer.json']);
  });

  it.each([
    [
      'a vocabulary of another checkpoint',
      () => makeTinyBert(join(folder, 'odd'), { ...TINY_BERT, vocabSize: 1000 }),
      /^vocabulary-size: .*30,?522.*1,?000/s,
    ],
    [
      'another kind of network',
      async () => {
        await makeTinyBert(join(folder, 'odd'));
        await writeFile(
          join(folder, 'odd/config.json'),
          '{"model_type":"gpt2","vocab_size":30522,"max_position_embeddings":512}',
        );
      },
      /^bert-config: .*It says that it is a gpt2\./,
    ],
    [
      'no tokenizer',
      async () => {
        await makeTinyBert(join(folder, 'odd'));
        await rm(join(folder, 'odd/tokenizer.json'));
      },
      /^tokenizer-missing: /,
    ],
    [
      'fewer positions than maxTokens',
      () => makeTinyBert(join(folder, 'odd'), { ...TINY_BERT, maxPositions: 8 }),
      /^max-length: .*16.*8/s,
    ],
  ])('that do not fit are refused by name: %s', async (_, make, words) => {
    await rm(join(folder, 'odd'), { recursive: true, force: true });
    await make();
    expect(await wordsOf(prepared({ weights: './odd/model.safetensors' }))).toMatch(words);
  });
});
