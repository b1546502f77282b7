import { describe, expect, it } from 'vitest';
import { itemKind, placeOf } from './items';

describe('the place of an item', () => {
  it.each([
    ['/data/reviews.csv:12', 'a text', { file: '/data/reviews.csv', line: 12 }],
    ['c:\\data\\reviews.csv:3', 'a text', { file: 'c:\\data\\reviews.csv', line: 3 }],
    ['/data/positive/1.txt', 'a text', { file: '/data/positive/1.txt' }],
    ['c:\\data\\1.txt', 'a text', { file: 'c:\\data\\1.txt' }],
    ['/pictures/crab:12', undefined, { file: '/pictures/crab:12' }],
  ])('of %s, which is %s', (file, text, expected) => {
    expect(placeOf({ file, ...(text === undefined ? {} : { text }) })).toEqual(expected);
  });
});

it('runs of versions that knew no texts learned from pictures', () => {
  expect(itemKind({})).toBe('pictures');
  expect(itemKind(undefined)).toBe('pictures');
  expect(itemKind({ items: 'texts' })).toBe('texts');
});
