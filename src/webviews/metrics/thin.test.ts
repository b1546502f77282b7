import { describe, expect, it } from 'vitest';
import { thin } from './thin';

const count = (length: number): number[] => Array.from({ length }, (_, index) => index);

describe('thin', () => {
  const x = count(20_000);
  const wave = x.map((at) => Math.sin(at / 300));
  const spiked = wave.with(12_345, 99).with(777, -99);

  it('leaves a short track as it is', () => {
    const track = { x: count(100), columns: [wave.slice(0, 100)] };
    expect(thin(track)).toEqual(track);
  });

  it('draws 20,000 steps with at most two points for each stretch and column', () => {
    const { x: kept, columns } = thin({ x, columns: [wave, spiked] }, undefined, 500);
    expect(kept.length).toBeLessThanOrEqual(2 * 500 * 2 + 4);
    expect(kept.length).toBeGreaterThan(500);
    expect(columns.map((values) => values.length)).toEqual([kept.length, kept.length]);
  });

  it('keeps every spike, the first and the last point, in ascending order', () => {
    const { x: kept, columns } = thin({ x, columns: [spiked] }, undefined, 50);
    expect(columns[0]).toContain(99);
    expect(columns[0]).toContain(-99);
    expect([kept[0], kept.at(-1)]).toEqual([0, 19_999]);
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
  });

  it('shows every step of a part that is small enough, with one neighbour on either side', () => {
    const { x: kept } = thin({ x, columns: [wave] }, { min: 5000, max: 5010 });
    expect(kept).toEqual([4999, 5000, 5001, 5002, 5003, 5004, 5005, 5006, 5007, 5008, 5009, 5010]);
  });

  it('takes gaps for no numbers', () => {
    const gaps = x.map((at) => (at === 4 ? 1 : null));
    const { columns } = thin({ x, columns: [gaps] }, undefined, 10);
    expect(columns[0]?.filter((value) => value !== null)).toEqual([1]);
  });
});
