import { describe, expect, it } from 'vitest';
import { randomStream } from '../random';
import { lengthBatches, measured, paddedLengths } from './length-batches';
import { countCut, padBatch } from './pad-batch';
import { IGNORED_LABEL, labelFirstPieces, labelsOfWords } from './token-labels';

describe('batches by length', () => {
  /** 1,000 texts as sentences are: mostly short, a few long (3 to 128 tokens). */
  const stream = randomStream(7, 'lengths');
  const lengths = Array.from(
    { length: 1000 },
    (_, index) => 3 + Math.floor(125 * stream.uniform(index) ** 3),
  );

  it('cost what the hand reckons', () => {
    // Two lengths, 8 and 16. Four texts of 8 and four of 16 tokens, two a batch: no padding at all, two shapes.
    const even = lengthBatches([8, 16, 8, 16, 8, 16, 8, 16], { batchSize: 2, seed: 1 });
    expect([even.batches.length, even.shapes, even.paddingShare]).toEqual([4, 2, 0]);
    // Texts of 4 and 12 tokens: rows of 8 and 16, of which 16 of 24 are text: a third is padding.
    const padded = lengthBatches([4, 4, 12, 12], { batchSize: 2, seed: 1 });
    expect(padded.paddingShare).toBeCloseTo(1 - 32 / 48, 12);
    // Three of each, two a batch: one short one is left, and joins the long ones: 2 x 8, 2 x 16, 2 x 16 = 80, 60 of them text.
    const odd = lengthBatches([8, 8, 8, 12, 12, 12], { batchSize: 2, seed: 1 });
    expect([odd.batches.length, odd.paddingShare]).toEqual([3, expect.closeTo(1 - 60 / 80, 12)]);
  });

  it('have every text once an epoch, in full batches but one', () => {
    for (const batchSize of [1, 7, 16, 1000, 1024]) {
      const { batches } = lengthBatches(lengths, { batchSize, seed: 3 });
      const seen = batches.flatMap(({ indices }) => indices).sort((a, b) => a - b);
      expect(seen).toEqual(lengths.map((_, index) => index));
      const late = batches.filter(({ indices }) => indices.length < batchSize);
      expect(late).toHaveLength(lengths.length % batchSize === 0 ? 0 : 1);
      for (const { indices, paddedLength } of batches)
        for (const index of indices) expect(lengths[index]).toBeLessThanOrEqual(paddedLength);
    }
  });

  it('pad far less than batches in any order, with few shapes', () => {
    const options = { batchSize: 16, seed: 5 };
    const order = randomStream(5, 'unsorted');
    const shuffled = lengths.map((_, index) => index).sort((a, b) => order.uniform(a) - order.uniform(b));
    const unsorted = measured(
      Array.from({ length: Math.ceil(lengths.length / 16) }, (_, step) => {
        const indices = shuffled.slice(step * 16, step * 16 + 16);
        return { indices, paddedLength: Math.max(...indices.map((index) => lengths[index] ?? 0)) };
      }),
      lengths,
    );
    const sorted = lengthBatches(lengths, options);
    expect(sorted.shapes).toBeLessThanOrEqual(7); // six lengths, and the last batch
    expect(unsorted.shapes).toBeGreaterThan(20);
    // Mean length about 3 + 125 / 4 = 34; the longest of 16 is about 110: two thirds of unsorted rows are padding.
    expect(unsorted.paddingShare).toBeGreaterThan(0.6);
    expect(sorted.paddingShare).toBeLessThan(0.25);
  });

  it('are a function of seed and epoch, and do not run from short to long', () => {
    const once = lengthBatches(lengths, { batchSize: 16, seed: 1 });
    expect(lengthBatches(lengths, { batchSize: 16, seed: 1 })).toEqual(once);
    expect(lengthBatches(lengths, { batchSize: 16, seed: 2 })).not.toEqual(once);
    expect(lengthBatches(lengths, { batchSize: 16, seed: 1, epoch: 1 })).not.toEqual(once);
    const run = once.batches.map(({ paddedLength }) => paddedLength);
    expect(run).not.toEqual([...run].sort((a, b) => a - b));
  });

  it('of one length, or none, are as plain as that', () => {
    expect(lengthBatches([], { batchSize: 4, seed: 1 })).toEqual({ batches: [], shapes: 0, paddingShare: 0 });
    expect(lengthBatches([5, 5, 5, 5], { batchSize: 4, seed: 1 }).batches[0]?.paddedLength).toBe(8);
    expect(() => lengthBatches([9], { batchSize: 1, seed: 1, lengths: [8] })).toThrow('A text of 9 tokens');
  });

  it('choose their lengths so that no other choice pads less', () => {
    expect(paddedLengths([8, 8, 8, 64, 64, 64], 2)).toEqual([8, 64]);
    // One text of 16 and nine of 40 beside one of 64, two lengths: 16 with 40 costs 24 more, 40 with 64 costs 9 · 24.
    expect(paddedLengths([16, ...new Array<number>(9).fill(40), 64], 2)).toEqual([40, 64]);
    const texts = [3, 9, 17, 17, 30, 31, 47, 60];
    const costOf = (choice: readonly number[]): number =>
      texts.reduce((sum, length) => sum + (choice.find((one) => one >= length) ?? Infinity), 0);
    const all = [8, 16, 24, 32, 40, 48, 56].flatMap((a, i, rest) => rest.slice(i + 1).map((b) => [a, b, 64]));
    expect(costOf(paddedLengths(texts, 3))).toBe(Math.min(...all.map(costOf)));
  });
});

describe('a padded batch', () => {
  it('has ids, mask and types, row after row', () => {
    const batch = padBatch(
      [
        { ids: [101, 5, 102], typeIds: [0, 0, 0] },
        { ids: [101, 6, 102, 7, 102], typeIds: [0, 0, 0, 1, 1] },
      ],
      6,
      9,
    );
    expect(batch.shape).toEqual([2, 6]);
    expect([...batch.inputIds]).toEqual([101, 5, 102, 9, 9, 9, 101, 6, 102, 7, 102, 9]);
    expect([...batch.attentionMask]).toEqual([1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 0]);
    expect([...batch.tokenTypeIds]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0]);
    expect(() => padBatch([{ ids: [1, 2], typeIds: [0, 0] }], 1, 0)).toThrow('Row 0 has 2 tokens');
  });

  it('comes with how many texts were cut, and by how many tokens', () => {
    expect(countCut([{ cut: 0 }, { cut: 3 }, { cut: 40 }])).toEqual({ texts: 2, tokens: 43 });
  });
});

describe('labels of words', () => {
  // [CLS] New York is ##n ' t [SEP], cut before a fourth word; word 2 has four pieces.
  const wordIds = [null, 0, 1, 2, 2, 2, 2, null];

  it('stand on the first piece, and -100 everywhere else', () => {
    const none = IGNORED_LABEL;
    expect(labelFirstPieces(wordIds, [1, 2, 0, 5], 10)).toEqual([
      none,
      1,
      2,
      0,
      none,
      none,
      none,
      none,
      none,
      none,
    ]);
    expect(() => labelFirstPieces(wordIds, [1, 2])).toThrow('Word 2 has no label; there are 2');
  });

  it('come back from what was predicted for first pieces; a word that was cut off gets what is said', () => {
    expect(labelsOfWords(wordIds, [9, 1, 2, 0, 9, 9, 9, 9], 4, 7)).toEqual([1, 2, 0, 7]);
  });
});
