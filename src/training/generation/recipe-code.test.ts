import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { recipeCode, type Recipe } from './recipe-code';

const recipe: Recipe = {
  model: 'gpt2@607a30d7',
  prompt: 'In a shocking finding,',
  settings: { temperature: 0.7, topP: 0.9 },
  seed: 1,
  continuation: 0,
};

describe('the code of a recipe', () => {
  it('is the first 80 bits of a SHA-256, in base 32', () => {
    const json = '["text-1","gpt2@607a30d7","In a shocking finding,",[["temperature",0.7],["topP",0.9]],1,0]';
    // By another way: the bits as one whole number.
    let number = BigInt(`0x${createHash('sha256').update(json).digest('hex').slice(0, 20)}`);
    let expected = '';
    for (let place = 0; place < 16; place++) {
      expected = ('0123456789ABCDEFGHJKMNPQRSTVWXYZ'[Number(number % 32n)] ?? '') + expected;
      number /= 32n;
    }
    expect(recipeCode(recipe).replaceAll('-', '')).toBe(expected);
    expect(recipeCode(recipe)).toMatch(/^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/);
  });

  it('does not depend on the order of settings, nor on those that change nothing', () => {
    const settings = { topK: 0, topP: 0.9, numBeams: 1, temperature: 0.7 };
    expect(recipeCode({ ...recipe, settings })).toBe(recipeCode(recipe));
  });

  it('differs with everything that decides the text', () => {
    const others: Recipe[] = [
      { ...recipe, model: 'gpt2@other' },
      { ...recipe, prompt: 'In a shocking finding, ' },
      { ...recipe, settings: { temperature: 0.7 } },
      { ...recipe, settings: { temperature: 0.7, topP: 0.91 } },
      { ...recipe, seed: 2 },
      { ...recipe, continuation: 1 },
    ];
    expect(new Set([recipe, ...others].map(recipeCode)).size).toBe(7);
  });
});
