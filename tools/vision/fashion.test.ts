import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { countBy, expectDifferentPictures, expectIndexedPictures, media, readTable } from './media-files';

describe('the data set fashion-2000', () => {
  const dataSet = path.join(media, 'data', 'fashion-2000');
  const index = readTable(path.join(dataSet, 'index.csv'));

  it('has 80 training, 20 validation and 100 test pictures of each of its 10 classes', () => {
    const classes = [...new Set(index.map((row) => row['class'] ?? ''))];
    expect(classes).toHaveLength(10);
    const expected = Object.fromEntries(
      classes.flatMap((name) => [
        [`train/${name}`, 80],
        [`val/${name}`, 20],
        [`test/${name}`, 100],
      ]),
    );
    expect(countBy(index.map((row) => path.posix.dirname(row['file'] ?? '')))).toEqual(expected);
    expect(index.every((row) => row['file']?.split('/')[1] === row['class'])).toBe(true);
  });

  it('has exactly the files that its index names, unchanged', () => {
    expectIndexedPictures(dataSet, index);
  });

  it('has grey pictures of 28 by 28 pixels, no two of them alike, so that none is on both sides of a split', async () => {
    const files = index.map((row) => row['file'] ?? '');
    await expectDifferentPictures(dataSet, files, [28, 28, 1]);
  });

  it("takes its test from Fashion-MNIST's test part and the rest from its training part", () => {
    const parts = index.map((row) => `${row['file']?.split('/')[0] ?? ''} from ${row['part'] ?? ''}`);
    expect(countBy(parts)).toEqual({
      'train from train': 800,
      'val from train': 200,
      'test from t10k': 1000,
    });
  });
});
