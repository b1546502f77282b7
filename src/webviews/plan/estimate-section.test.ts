import { describe, expect, it } from 'vitest';
import { fittingSentence } from './estimate-section';

describe('whether a batch fits', () => {
  const counts = { train: 200, val: 100, test: 300 };
  it.each([
    [true, 200, 'Batches of 16 fit; so would any other, up to all 200 that there are to train on.'],
    [true, 40, 'Batches of 16 fit; so would batches up to about 40.'],
    [
      false,
      6,
      'Batches of 16 do not fit into the free memory. The largest that fit are about 6: set batchSize to that or less.',
    ],
    [
      false,
      undefined,
      'Batches of 16 do not fit into the free memory, and not even batches of 2 would: choose a smaller network, a smaller imageSize, or close other programs.',
    ],
  ])('%s, largest %s', (fits, largest, sentence) => {
    const found = {
      fits,
      batchSize: 16,
      counts,
      ...(largest === undefined ? {} : { largestBatchSize: largest }),
    };
    expect(fittingSentence(found)).toBe(sentence);
  });
});
