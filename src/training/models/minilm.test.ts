import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../engine/engine';
import type { Engine } from '../engine/types';
import { mediaFolder } from '../media';
import { loadEmbeddedTokenizer } from '../tokenizing/load-tokenizer';
import { padBatch } from '../tokenizing/pad-batch';
import { readEmbeddedWeights } from '../weights/embedded';
import { loadWeights } from '../weights/load';
import { createBert, type BertConfig } from './bert';
import { bertSizes, bertTensors } from './bert-checkpoint';
import { forwardGroups, type Network } from './model';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.dispose());

async function load(name: string): Promise<Network> {
  const text = await readFile(join(mediaFolder('models', name), 'config.json'), 'utf8');
  const config: BertConfig = {
    ...bertSizes(JSON.parse(text), `config.json of ${name}`),
    head: 'none',
    pooling: 'mean',
    numClasses: 0,
  };
  const model = createBert(name, config, 1, true);
  const { content } = await readEmbeddedWeights(name);
  const tensors = bertTensors(content.tensors, config);
  const report = loadWeights(model, { title: name, content: { ...content, tensors } });
  expect(report).toEqual({ loaded: model.store.tensors.size });
  return model;
}

const SENTENCES = ['The weather is lovely today.', "It's so sunny outside!", 'He drove to the stadium.'];

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number =>
    x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

describe('MiniLM as it comes with Transfer Lab', () => {
  it('finds sentences as alike as its authors’ library does', async () => {
    const model = await load('minilm-l6');
    const tokenizer = await loadEmbeddedTokenizer('minilm-l6');
    const encodings = SENTENCES.map((sentence) => tokenizer.encode(sentence));
    const length = Math.max(...encodings.map(({ ids }) => ids.length));
    const { shape, inputIds: ids, attentionMask: mask } = padBatch(encodings, length, tokenizer.padId);
    expect(Math.min(...mask)).toBe(0); // one sentence is shorter
    const compiled = engine.compileFunction({
      name: 'sentences',
      inputs: { inputIds: { shape, dtype: 'int32' }, attentionMask: { shape, dtype: 'int32' } },
      run: ({ inputIds, attentionMask }) => {
        const range = { from: 0, to: model.layerGroups.length };
        const side = { attentionMask: attentionMask as tf.Tensor };
        return {
          vectors: forwardGroups(model, inputIds as tf.Tensor, range, false, undefined, undefined, side),
        };
      },
    });
    const vectors = compiled.run({ inputIds: ids, attentionMask: mask })['vectors'] as Float32Array;
    const row = (index: number): Float32Array => vectors.subarray(index * 384, (index + 1) * 384);
    // sentence-transformers' quick start prints these for the float32 weights; ours are 8-bit rows.
    expect(Math.abs(cosine(row(0), row(1)) - 0.666)).toBeLessThan(0.005);
    expect(Math.abs(cosine(row(0), row(2)) - 0.1046)).toBeLessThan(0.005);
    expect(Math.abs(cosine(row(1), row(2)) - 0.1411)).toBeLessThan(0.005);
    compiled.dispose();
    model.dispose();
  });

  it.each([
    ['minilm-l2', 15_467_520],
    ['minilm-l4', 19_016_448],
    ['minilm-l6', 22_565_376],
  ])('%s loads into every tensor; they have as many numbers as its card says', async (name, parameters) => {
    const model = await load(name);
    const sizes = [...model.store.tensors.values()].map(({ variable }) => variable.size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(parameters);
    model.dispose();
  });
});
