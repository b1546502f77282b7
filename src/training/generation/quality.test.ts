import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { distinct, perplexity, quality, repeatedShare } from './quality';
import { bleuOfEach, selfBleu } from './self-bleu';

// nltk; tools/oracle/make_generation.py made it.
const reference = JSON.parse(
  readFileSync(join(__dirname, '../../../test/oracle/self-bleu.json'), 'utf8'),
) as {
  readonly groups: Record<string, string[]>;
  readonly cases: {
    readonly group: string;
    readonly order: number;
    readonly each: number[];
    readonly selfBleu: number;
  }[];
};

describe('self-BLEU', () => {
  it.each(reference.cases)(
    'is what nltk computes: $group, up to $order-grams',
    ({ group, order, each, selfBleu: all }) => {
      const texts = (reference.groups[group] ?? []).map((text) => text.split(' '));
      // Nine digits are in the file.
      bleuOfEach(texts, order).forEach((bleu, index) => {
        expect(Math.abs(bleu - (each[index] ?? NaN))).toBeLessThan(1e-8);
      });
      expect(Math.abs(selfBleu(texts, order) - all)).toBeLessThan(1e-8);
    },
  );

  it('counts ids as it counts words', () => {
    const words = (reference.groups['six'] ?? []).map((text) => text.split(' '));
    const all = [...new Set(words.flat())];
    expect(selfBleu(words.map((text) => text.map((word) => all.indexOf(word))))).toBe(selfBleu(words));
  });

  it('is no number for one text, and 0 for an empty one', () => {
    expect(selfBleu([[1, 2]])).toBeNaN();
    expect(bleuOfEach([[], [1, 2]], 2)).toEqual([0, 0]);
  });
});

// Expected values below are counted by hand.
describe('quality figures', () => {
  it('distinct-n is different n-grams of all texts over all their n-grams', () => {
    const texts = [
      [1, 2, 1, 2],
      [1, 2, 3],
    ];
    expect(distinct(texts, 1)).toBeCloseTo(3 / 7, 12);
    // 12 21 12 · 12 23
    expect(distinct(texts, 2)).toBeCloseTo(3 / 5, 12);
    // 121 212 · 123
    expect(distinct(texts, 3)).toBe(1);
    expect(distinct([[1]], 2)).toBeNaN();
  });

  it('the repeated share is of one text’s own n-grams', () => {
    expect(repeatedShare([1, 2, 1, 2, 1], 2)).toBeCloseTo(1 - 2 / 4, 12);
    expect(repeatedShare([1, 2, 3], 2)).toBe(0);
    expect(repeatedShare([1], 2)).toBeNaN();
  });

  it('n-grams of ids are not mixed up with those of other ids or of words', () => {
    expect(
      distinct(
        [
          [1, 23],
          [12, 3],
          ['1', 23],
        ],
        2,
      ),
    ).toBe(1);
  });

  it('are together for a set of texts; one too short for 4-grams is left out of the repeated share', () => {
    expect(
      quality([
        [1, 1, 1, 1, 1],
        [2, 3, 4],
      ]),
    ).toEqual({
      texts: 2,
      length: 4,
      distinct1: 4 / 8,
      distinct2: 3 / 6,
      distinct3: 2 / 4,
      repeated: 0.5,
    });
  });

  it('perplexity is over all tokens, not a mean of the texts’', () => {
    // A token of probability 1/8 and three of 1/2: (8 · 2 · 2 · 2)^(1/4).
    expect(perplexity([[Math.log(1 / 8)], [Math.log(1 / 2), Math.log(1 / 2), Math.log(1 / 2)]])).toBeCloseTo(
      64 ** 0.25,
      12,
    );
    expect(perplexity([])).toBeNaN();
  });
});
