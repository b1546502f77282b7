import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mediaFolder } from '../../media';
import { randomStream } from '../../random';
import { listTexts, type TextItem, type TextListing } from './list-texts';
import { neighbourLabels, splitTexts } from './split-texts';
import { sameText } from './tidy';

function listing(
  items: readonly (Partial<TextItem> & { readonly text: string; readonly label: number })[],
): TextListing {
  const classes = Math.max(...items.map(({ label }) => label)) + 1;
  return {
    root: 'rows.csv',
    classNames: Array.from({ length: classes }, (_, label) => `class ${label}`),
    items: items.map((item, index) => ({
      file: `rows.csv:${index + 2}`,
      hash: sameText(item.text),
      ...item,
    })),
    skipped: [],
    encodings: ['utf-8'],
    tidied: 0,
    withHtml: 0,
  };
}

const many = (count: number, of: (index: number) => Partial<TextItem> & { label: number }): TextListing =>
  listing(Array.from({ length: count }, (_, index) => ({ text: `text ${index}`, ...of(index) })));
const texts = (items: readonly TextItem[]): string[] => items.map(({ text }) => text);

describe('splits of texts', () => {
  it('have the same mix of classes on both sides, are seeded, and do not depend on the order of the rows', () => {
    const data = many(100, (index) => ({ label: index % 5 === 0 ? 1 : 0 }));
    const { splits, by } = splitTexts(data, { valFraction: 0.2, seed: 1 });
    expect(by).toBe('texts');
    expect([0, 1].map((label) => splits.val.filter((item) => item.label === label).length)).toEqual([16, 4]);
    expect(splitTexts(data, { valFraction: 0.2, seed: 1 }).splits).toEqual(splits);
    expect(texts(splitTexts(data, { valFraction: 0.2, seed: 2 }).splits.val)).not.toEqual(texts(splits.val));
    const turned = { ...data, items: [...data.items].reverse() };
    expect(texts(splitTexts(turned, { valFraction: 0.2, seed: 1 }).splits.val)).toEqual(texts(splits.val));
  });

  it('keep a text that is in several parts only where it measures, whatever its case and punctuation', () => {
    const data = listing([
      { text: 'Not recommended.', label: 0, split: 'train' },
      { text: 'not  recommended', label: 0, split: 'test' },
      { text: 'NOT RECOMMENDED!!', label: 0, split: 'val' },
      { text: 'Great', label: 1, split: 'train' },
      { text: 'great!', label: 0, split: 'train' },
      { text: 'bad', label: 0, split: 'train' },
      { text: 'awful', label: 0, split: 'val' },
      { text: 'nice', label: 1, split: 'val' },
      { text: ':-)', label: 1, split: 'train' },
      { text: ':-(', label: 0, split: 'train' },
    ]);
    const { splits, duplicates, conflicts, by } = splitTexts(data, { valFraction: 0.2, seed: 1 });
    expect(by).toBe('data');
    expect(texts(splits.test)).toEqual(['not  recommended']);
    expect(texts(splits.val)).toEqual(['awful', 'nice']);
    expect(texts(splits.train)).toEqual(['Great', 'bad', ':-)', ':-(']);
    expect(duplicates).toBe(3);
    expect(conflicts.map(({ item, same }) => [item.text, same.text])).toEqual([['great!', 'Great']]);
  });

  it('tell apart what only looks alike: other accents, signs of other scripts, other numbers', () => {
    expect(sameText('cafe\u0301')).toBe(sameText('café'));
    for (const [a, b] of [
      ['résumé', 'resume'],
      ['हिन्दी', 'हिन्दा'],
      ['1 star', '5 stars'],
      [':-)', ':-('],
      ['漢', '字'],
    ] as const)
      expect(sameText(a)).not.toBe(sameText(b));
  });

  it('say which class was seen once, and which has nothing to be measured with', () => {
    const once = many(10, (index) => ({ label: index === 3 ? 2 : index % 2 }));
    expect(() => splitTexts(once, { valFraction: 0.2, seed: 1 })).toThrow(
      'no texts for validation in: class 2',
    );
    const given = many(10, (index) => ({ label: index % 2, split: index === 0 ? 'val' : 'train' }));
    expect(() => splitTexts(given, { valFraction: 0.2, seed: 1 })).toThrow(
      'no texts for validation in: class 1',
    );
  });

  it('with blocks keep each block on one side, near to the share that was asked for', () => {
    // 40 documents of 1 to 12 texts, each of one class, as Brown's are.
    const stream = randomStream(3, 'documents');
    const items = Array.from({ length: 40 }, (_, doc) =>
      Array.from({ length: 1 + Math.floor(12 * stream.uniform(doc)) }, (_, n) => ({
        text: `text ${doc} ${n}`,
        label: doc % 4,
        block: `d${doc}`,
      })),
    ).flat();
    for (const seed of [1, 2, 3]) {
      const { splits, by } = splitTexts(listing(items), { valFraction: 0.25, seed });
      expect(by).toBe('blocks');
      const inTrain = new Set(splits.train.map(({ block }) => block));
      expect(splits.val.filter(({ block }) => inTrain.has(block))).toEqual([]);
      for (const label of [0, 1, 2, 3]) {
        const count = items.filter((item) => item.label === label).length;
        const found = splits.val.filter((item) => item.label === label).length;
        expect(Math.abs(found - count / 4)).toBeLessThanOrEqual(6); // half of the largest block
      }
    }
  });

  it('by neighbours keep reviews together that a split text by text tears apart', () => {
    // Reviews of ten sentences, each review of one class; blocks of 20 are two reviews.
    const data = many(1000, (index) => ({ label: Math.floor(index / 10) % 7 < 3 ? 1 : 0 }));
    const reviewOf = ({ text }: TextItem): number => Math.floor(Number(text.slice(5)) / 10);
    const shared = (blockSize?: number): number => {
      const { splits } = splitTexts(data, {
        valFraction: 0.2,
        seed: 1,
        ...(blockSize === undefined ? {} : { blockSize }),
      });
      const inTrain = new Set(splits.train.map(reviewOf));
      return splits.val.filter((item) => inTrain.has(reviewOf(item))).length / splits.val.length;
    };
    expect(shared()).toBeGreaterThan(0.9);
    expect(shared(20)).toBe(0);
  });

  it('with blocks have a rare class on both sides where that can be, and say so where it cannot', () => {
    const rare = many(200, (index) => ({
      label: index === 5 || index === 150 ? 1 : 0,
      block: `b${Math.floor(index / 10)}`,
    }));
    for (const seed of [1, 2, 3, 4, 5]) {
      const { splits } = splitTexts(rare, { valFraction: 0.1, seed });
      expect(splits.val.filter(({ label }) => label === 1)).toHaveLength(1);
    }
    const one = many(20, (index) => ({ label: index % 2, block: 'all' }));
    expect(() => splitTexts(one, { valFraction: 0.2, seed: 1 })).toThrow('All items are in one block');
    expect(() =>
      splitTexts(
        many(9, (i) => ({ label: i % 2 })),
        { valFraction: 0.2, seed: 1, blockSize: 2.5 },
      ),
    ).toThrow('blockSize is 2.5');
  });

  it('of the Brown corpus by document share none', async () => {
    const brown = await listTexts({
      path: join(mediaFolder('data', 'brown'), 'train.jsonl'),
      columns: { block: 'document' },
    });
    const { splits } = splitTexts(brown, { valFraction: 0.2, seed: 1 });
    const inTrain = new Set(splits.train.map(({ block }) => block));
    expect(splits.val.filter(({ block }) => inTrain.has(block))).toEqual([]);
    expect(splits.val.length / brown.items.length).toBeCloseTo(0.2, 1);
  });
});

describe('labels of neighbours', () => {
  it('give away reviews in a row, and not a drawn order, a sorted file or a small one', () => {
    // 83 of 100 neighbours alike, as IMDB's: the label changes where the stream says so.
    const stream = randomStream(1, 'neighbours');
    let label = 0;
    const reviews = Array.from(
      { length: 1000 },
      (_, index) => (label = stream.uniform(index) < 0.17 ? 1 - label : label),
    );
    const found = neighbourLabels(reviews);
    expect(found.related).toBe(true);
    expect(found.same).toBeCloseTo(0.83, 1);
    expect(found.expected).toBeCloseTo(0.5, 1);
    const drawn = Array.from({ length: 1000 }, (_, index) => (stream.uniform(5000 + index) < 0.5 ? 1 : 0));
    expect(neighbourLabels(drawn).related).toBe(false);
    expect(neighbourLabels([...drawn].sort()).related).toBe(false);
    expect(neighbourLabels(reviews.slice(0, 50)).related).toBe(false);
    expect(neighbourLabels([])).toEqual({ same: 0, expected: 0, related: false });
  });
});
