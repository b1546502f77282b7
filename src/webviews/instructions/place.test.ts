import { describe, expect, it } from 'vitest';
import { placeAt, topOf } from './place';

const headings = [
  { id: 'goal', top: 8 },
  { id: 'task-1', top: 400 },
  { id: 'task-2', top: 900 },
];

describe('a place in the instructions', () => {
  it('is told from the last heading above it', () => {
    expect(placeAt(0, headings)).toEqual({ heading: '', offset: 0 });
    expect(placeAt(399, headings)).toEqual({ heading: 'goal', offset: 391 });
    expect(placeAt(400, headings)).toEqual({ heading: 'task-1', offset: 0 });
    expect(placeAt(5000, headings)).toEqual({ heading: 'task-2', offset: 4100 });
  });

  it('is the same text after something above it has grown', () => {
    const place = placeAt(950, headings);
    const grown = headings.map(({ id, top }) => ({ id, top: id === 'goal' ? top : top + 60 }));
    expect(topOf(place, headings)).toBe(950);
    expect(topOf(place, grown)).toBe(1010);
  });

  it('is the top of the page where its heading is gone', () => {
    expect(topOf({ heading: 'task-9', offset: 30 }, headings)).toBe(0);
  });
});
