import { describe, expect, it } from 'vitest';
import { evenBatching, lengthBatching, type ItemBatch, type ItemLayout } from './batching';

const PICTURES: ItemLayout = {
  name: 'pictures',
  items: { shape: [2, 2, 3], dtype: 'float32' },
  side: {},
  answers: 1,
};
const rows = (length: number): ItemLayout => ({
  name: `${length} tokens`,
  items: { shape: [length], dtype: 'int32' },
  side: {},
  answers: 1,
});
const LENGTHS = { train: [3, 9, 20, 4, 5, 17, 30, 6, 12, 11], val: [36, 3, 7], test: [] };
const counted = (batches: readonly ItemBatch[]): number[] =>
  batches.flatMap((batch) => [...batch.indices.subarray(0, batch.counted)]).sort((a, b) => a - b);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const KINDS = {
  'items of one shape': evenBatching(PICTURES, { train: 10, val: 3, test: 0 }, { batchSize: 4, seed: 1 }),
  'texts by length': lengthBatching(LENGTHS, rows, 36, { batchSize: 4, seed: 1 }),
};

describe.each(Object.entries(KINDS))('batches of %s', (_, batching) => {
  it('have every item once an epoch, as many batches in each, all of them full', () => {
    for (const epoch of [0, 1, 7]) {
      const batches = batching.training(epoch);
      expect(batches).toHaveLength(3);
      expect(counted(batches)).toEqual(upTo(10));
      for (const { indices, layout } of batches) {
        expect(indices).toHaveLength(4);
        expect(batching.layouts).toContain(layout);
      }
    }
  });

  it('are in another order in another epoch, and in the same order in the same', () => {
    const order = (epoch: number): string =>
      batching
        .training(epoch)
        .map(({ indices }) => indices.join())
        .join();
    const first = order(0);
    expect(order(1)).not.toBe(first);
    expect(order(0)).toBe(first);
  });

  it('pass over every item of a split once', () => {
    expect(counted(batching.once('val', 2))).toEqual([0, 1, 2]);
    expect(counted(batching.once('train', 3))).toEqual(upTo(10));
    expect(batching.once('test', 2)).toEqual([]);
  });
});

it('rows of texts are no longer than the longest that is allowed, though lengths are round numbers', () => {
  const longest = Math.max(...KINDS['texts by length'].layouts.map(({ items }) => items.shape[0] ?? 0));
  expect(longest).toBe(36); // The next round number is 40.
});
