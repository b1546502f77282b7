import { describe, expect, it } from 'vitest';
import { hashValues } from '../oracle/hash';
import { explainStep } from './explain-step';
import { Sampler } from './sampler';

// Expected values: hand arithmetic.
const logits = Float32Array.from([4, 8, 2, 1, 1], (odd) => Math.log(odd));
const context = { tokens: [1], promptLength: 1 };

describe('explaining a step', () => {
  it('tells for each processor what it cut and how probabilities changed', () => {
    const sampler = new Sampler({ repetitionPenalty: 2, topK: 3, minP: 0.6 }, 5);
    const told = explainStep(sampler, logits, context, 0, 2);
    expect(told.processors.map(({ name, kept, cut }) => [name, kept, cut])).toEqual([
      ['repetitionPenalty', 5, 0],
      ['topK', 3, 2],
      ['minP', 2, 1],
    ]);
    const [penalty, topK, minP] = told.processors;
    // ln 8 / 2: the odds of token 1 become sqrt(8), the sum 8 + 2.828.
    const sum = 8 + Math.sqrt(8);
    expect(penalty?.top.map(({ id }) => id)).toEqual([1, 0]);
    expect(penalty?.top[0]?.before).toBeCloseTo(8 / 16, 6);
    expect(penalty?.top[0]?.after).toBeCloseTo(Math.sqrt(8) / sum, 6);
    expect(topK?.cutMass).toBeCloseTo(2 / sum, 6);
    expect(topK?.topCut.map(({ id }) => id)).toEqual([3, 4]);
    expect(minP?.topCut[0]?.id).toBe(2);
    expect(minP?.cutMass).toBeCloseTo(2 / (sum - 2), 6);
    expect(minP?.top.find(({ id }) => id === 0)?.after).toBeCloseTo(4 / (4 + Math.sqrt(8)), 6);
  });

  it('tells rank and probability of the chosen token, before and after', () => {
    const told = explainStep(new Sampler({ repetitionPenalty: 8, topK: 2 }, 5), logits, context, 0);
    expect(told.chosen).toMatchObject({ id: 0, rankBefore: 2, rankAfter: 1 });
    expect(told.chosen?.probabilityBefore).toBeCloseTo(4 / 16, 6);
    // 8^(1/8) = 1.297 is below 2, so tokens 0 and 2 stay: 4 of 6.
    expect(told.chosen?.probabilityAfter).toBeCloseTo(4 / 6, 6);
    // The model gave tokens 1, 3 and 4 ten of sixteen.
    expect(told.cutMass).toBeCloseTo(10 / 16, 6);
    expect(told.kept).toBe(2);
  });

  it('says that a token was cut', () => {
    const told = explainStep(new Sampler({ topK: 1 }, 5), logits, context, 4);
    expect(told.chosen).toMatchObject({ rankBefore: 5, rankAfter: undefined, probabilityAfter: 0 });
  });

  it('gives entropy in bits: 3 for eight equal tokens, 2 after a cut to four', () => {
    const told = explainStep(new Sampler({ topP: 0.5 }, 8), new Float32Array(8), {
      tokens: [],
      promptLength: 0,
    });
    expect(told.entropyBits).toBeCloseTo(3, 12);
    expect(told.processors[0]?.entropyBits).toBeCloseTo(2, 12);
  });

  it('says which processor wanted to leave nothing', () => {
    const all = { tokens: [0, 1, 2, 3, 4], promptLength: 5 };
    const told = explainStep(new Sampler({ noRepeatNgramSize: 1, topK: 3 }, 5), logits, all);
    expect(told.processors.map(({ rescued }) => rescued)).toEqual([true, false]);
    expect(told.chosen).toBeUndefined();
  });

  it('does not grow with the vocabulary, and leaves the distribution that process gives', () => {
    const many = hashValues('explained', 50_257, 8);
    const settings = {
      repetitionPenalty: 1.2,
      temperature: 0.8,
      topK: 40,
      topP: 0.9,
      minP: 0.02,
      typicalP: 0.95,
    };
    const sampler = new Sampler(settings, many.length);
    const told = explainStep(sampler, many, context, 7);
    expect(told.processors.length).toBe(6);
    expect(JSON.stringify(told).length).toBeLessThan(20_000);
    const expected = new Sampler(settings, many.length).process(many, context);
    expect(told.kept).toBe(expected.count);
    expect(told.chosen?.probabilityAfter).toBe(expected.probability(7));
  });
});
