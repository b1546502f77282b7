import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../engine/engine';
import type { Engine } from '../engine/types';
import { createGpt2, GPT2S } from '../models/gpt2';
import type { CausalNetwork } from '../models/causal-network';
import { forwardGroups } from '../models/model';
import { beamSearch } from './beam-search';
import { CachedModel } from './cached-model';
import { contextWindow } from './context-window';
import { generate } from './generate';
import type { NextLogits } from './next-logits';

let engine: Engine;
let network: CausalNetwork;
let model: CachedModel;
beforeAll(async () => {
  engine = await createEngine({ threads: 2 });
  network = createGpt2(
    'tiny',
    {
      ...GPT2S.gpt2,
      vocabSize: 60,
      hiddenSize: 24,
      numLayers: 2,
      numHeads: 3,
      intermediateSize: 40,
      maxPositions: 20,
      initialDeviation: 0.4,
    },
    3,
  );
  model = new CachedModel(engine, network);
});
afterAll(() => {
  model.dispose();
  engine.dispose();
});

/** The same network without a cache: every text whole, one by one. */
const plain: NextLogits = (texts) =>
  texts.map((text) =>
    tf.tidy(() => {
      const window = contextWindow(text, 20);
      // One shape for all: what stands after a text changes nothing in it.
      const ids = tf.tensor2d(
        [...window, ...new Array<number>(20 - window.length).fill(0)],
        [1, 20],
        'int32',
      );
      const logits = forwardGroups(network, ids, { from: 0, to: network.layerGroups.length }, false);
      return tf.slice(logits, [0, window.length - 1, 0], [1, 1, -1]).dataSync() as Float32Array;
    }),
  );

async function expectAlike(texts: readonly (readonly number[])[]): Promise<void> {
  const [ours, theirs] = [await model.next(texts), await plain(texts)];
  expect(ours).toHaveLength(texts.length);
  for (const [row, logits] of theirs.entries())
    for (let id = 0; id < logits.length; id++)
      expect(Math.abs((ours[row]?.[id] ?? NaN) - (logits[id] ?? NaN))).toBeLessThan(1e-4);
}

describe('a model with a cache', () => {
  it('gives the logits of the whole text for prompts of different lengths and their continuations', async () => {
    await expectAlike([[5], [1, 2, 3, 4], [9, 8, 7, 6, 5, 4, 3, 2]]);
    await expectAlike([
      [5, 11],
      [1, 2, 3, 4, 12],
      [9, 8, 7, 6, 5, 4, 3, 2, 13],
    ]);
  });

  it('runs one token for a text that goes on from one it has seen', async () => {
    await model.next([[1, 2, 3, 4, 5]]);
    const before = { ...model.ran };
    await model.next([[1, 2, 3, 4, 5, 6]]);
    expect(model.ran).toEqual({ prefill: before.prefill, step: before.step + 1 });
  });

  it('bears texts that end, split, swap places, are asked for again and get another last token', async () => {
    await expectAlike([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    await expectAlike([
      [7, 8, 9, 10],
      [1, 2, 3, 11],
    ]);
    await expectAlike([
      [1, 2, 3, 11, 12],
      [1, 2, 3, 11, 13],
      [7, 8, 9, 10, 14],
      [1, 2, 3, 11, 15],
      [1, 2, 3, 11, 12],
    ]);
    await expectAlike([[1, 2, 3, 11, 13, 16]]);
    await expectAlike([
      [1, 2, 3, 11, 13, 17],
      [1, 2, 3, 11, 13, 16],
      [4, 5, 6, 1],
    ]);
    await expectAlike([[1, 2, 3, 11]]);
  });

  it('grows past the room that it began with, and slides when the context is full', async () => {
    const text = [1];
    for (let length = 1; length < 45; length++) {
      await expectAlike([text, [...text, 7]]);
      text.push((length * 7) % 60);
    }
  });

  it('generates the greedy text, the drawn texts and the beams of the model without one', async () => {
    for (const settings of [{ temperature: 0, maxNewTokens: 12 }, { maxNewTokens: 12 }]) {
      const options = { seed: 4, continuations: [0, 1, 2, 3, 4] };
      const [ours, theirs] = [
        await generate(model.next, [1, 2, 3], settings, options),
        await generate(plain, [1, 2, 3], settings, options),
      ];
      expect(ours.map(({ tokens }) => tokens)).toEqual(theirs.map(({ tokens }) => tokens));
    }
    const settings = { numBeams: 4, maxNewTokens: 8 };
    const [ours, theirs] = [
      await beamSearch(model.next, [1, 2, 3], settings),
      await beamSearch(plain, [1, 2, 3], settings),
    ];
    expect(ours.map(({ tokens }) => tokens)).toEqual(theirs.map(({ tokens }) => tokens));
  });

  it('refuses a text without tokens in words', () => {
    expect(() => model.next([[]])).toThrow('A text without a token was given');
  });
});

describe('the window of a long text', () => {
  it('is the whole text while it fits, and then moves by half a context', () => {
    const text = Array.from({ length: 40 }, (_, index) => index);
    const seen = [20, 21, 30, 31, 40].map((length) => {
      const window = contextWindow(text.slice(0, length), 20);
      return [window[0], window.length];
    });
    // Hand arithmetic: a context of 20 moves by 10.
    expect(seen).toEqual([
      [0, 20],
      [10, 11],
      [10, 20],
      [20, 11],
      [20, 20],
    ]);
  });
});
