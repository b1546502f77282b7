import { describe, expect, it } from 'vitest';
import { hashValues } from '../oracle/hash';
import { generate } from './generate';
import { luck } from './luck';
import type { NextLogits } from './next-logits';
import { draw, logProbabilities, Sampler } from './sampler';

const vocabulary = 60;

/** Logits that depend on the last two tokens. */
const model: NextLogits = (texts) =>
  texts.map((text) => hashValues(`next/${text.slice(-2).join('/')}`, vocabulary, 4));

describe('luck', () => {
  it('depends on seed, continuation and place alone, in any order', () => {
    const forward = Array.from({ length: 20 }, (_, token) => luck(7, 3)(token));
    const stream = luck(7, 3);
    expect(Array.from({ length: 20 }, (_, index) => stream(19 - index)).reverse()).toEqual(forward);
    expect(luck(7, 4)(0)).not.toBe(forward[0]);
    expect(luck(8, 3)(0)).not.toBe(forward[0]);
  });

  it('is spread evenly over continuations and over places, without a link between neighbours', () => {
    const count = 20_000;
    const across = Array.from({ length: count }, (_, index) => luck(1, index)(0));
    const along = Array.from({ length: count }, (_, index) => luck(1, 0)(index));
    for (const values of [across, along]) {
      const mean = values.reduce((sum, value) => sum + value, 0) / count;
      const linked =
        values.slice(1).reduce((sum, value, i) => sum + (value - 0.5) * ((values[i] ?? 0) - 0.5), 0) / count;
      // Four standard errors: 0.289 / sqrt(20,000), and (1/12) / sqrt(20,000).
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.0082);
      expect(Math.abs(linked)).toBeLessThan(0.0024);
      expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    }
  });

  it('refuses a seed that would share its luck with another', () => {
    for (const seed of [-1, 0.5, 2 ** 32, NaN])
      expect(() => luck(seed, 0)).toThrow(`The seed is ${seed}; it must be`);
  });
});

describe('generate', () => {
  const settings = { temperature: 0.9, topP: 0.9, maxNewTokens: 12 };

  it('gives each continuation the same text alone, in a batch and in another order', async () => {
    const together = await generate(model, [1, 2], settings, { seed: 5, continuations: [0, 1, 2, 3] });
    const [alone] = await generate(model, [1, 2], settings, { seed: 5, continuations: [2] });
    const turned = await generate(model, [1, 2], settings, { seed: 5, continuations: [3, 2, 1, 0] });
    expect(alone).toEqual(together[2]);
    expect(turned.reverse()).toEqual(together);
    expect(new Set(together.map(({ tokens }) => tokens.join())).size).toBe(4);
  });

  it('meets the same luck under other settings: texts part only where the settings matter', async () => {
    const [plain] = await generate(model, [1], { maxNewTokens: 12 }, { seed: 5, continuations: [0] });
    const [cut] = await generate(
      model,
      [1],
      { maxNewTokens: 12, minP: 1e-7 },
      { seed: 5, continuations: [0] },
    );
    expect(cut?.tokens).toEqual(plain?.tokens);
  });

  it('is greedy at temperature 0: the argmax of each row, whatever the seed', async () => {
    const expected: number[] = [];
    for (let step = 0; step < 6; step++) {
      const [row = []] = await model([[1, 2, ...expected]]);
      const numbers = Array.from(row);
      expected.push(numbers.indexOf(Math.max(...numbers)));
    }
    for (const seed of [1, 2]) {
      const [text] = await generate(
        model,
        [1, 2],
        { temperature: 0, maxNewTokens: 6 },
        { seed, continuations: [0] },
      );
      expect(text?.tokens).toEqual(expected);
    }
  });

  it('ends with the end token, not before the minimum length, and asks the model only for open texts', async () => {
    const asked: number[] = [];
    const ending: NextLogits = (texts) => {
      asked.push(texts.length);
      return texts.map(() => [0, 0]);
    };
    const options = { seed: 1, continuations: [0, 1, 2, 3, 4, 5, 6, 7], endTokenId: 1 };
    const texts = await generate(ending, [], { minLength: 3, maxNewTokens: 6 }, options);
    for (const { tokens, end } of texts) {
      expect(tokens.slice(0, 3)).toEqual([0, 0, 0]);
      expect(end).toBe(tokens.at(-1) === 1 ? 'token' : 'length');
      expect(tokens.indexOf(1)).toBe(end === 'token' ? tokens.length - 1 : -1);
      if (end === 'length') expect(tokens.length).toBe(6);
    }
    expect(new Set(texts.map(({ end }) => end))).toEqual(new Set(['token', 'length']));
    expect(asked).toEqual([...asked].sort((a, b) => b - a));
    expect(asked.at(-1)).toBeLessThan(8);
  });

  it('tells what the model itself thought of each token, whatever the processors did', async () => {
    const options = { seed: 3, continuations: [0] };
    const [text] = await generate(model, [4, 5], { temperature: 2, topK: 5, maxNewTokens: 4 }, options);
    for (const [place, id] of (text?.tokens ?? []).entries()) {
      const [row = []] = await model([[4, 5, ...(text?.tokens.slice(0, place) ?? [])]]);
      const all = Array.from(row).reduce((sum, logit) => sum + Math.exp(logit), 0);
      expect(text?.logProbabilities[place]).toBeCloseTo(Math.log(Math.exp(row[id] ?? NaN) / all), 10);
      expect(logProbabilities(row)[id]).toBeCloseTo(text?.logProbabilities[place] ?? NaN, 5);
    }
  });

  it('draws tokens as often as their probabilities say', () => {
    const sampler = new Sampler({ temperature: 0.8, topK: 6 }, vocabulary);
    const distribution = sampler.process(hashValues('often', vocabulary, 2), { tokens: [], promptLength: 0 });
    const kept = [...distribution.ids.subarray(0, distribution.count)];
    const count = 20_000;
    const drawn = new Map<number, number>();
    for (let index = 0; index < count; index++) {
      const id = draw(distribution, luck(11, index)(0));
      drawn.set(id, (drawn.get(id) ?? 0) + 1);
    }
    expect([...drawn.keys()].sort((a, b) => a - b)).toEqual(kept);
    for (const id of kept) {
      const p = distribution.probability(id);
      // Four standard errors of a share.
      expect(Math.abs((drawn.get(id) ?? 0) / count - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / count));
    }
  });
});
