import { describe, expect, it } from 'vitest';
import { permutation, randomStream } from './random';

describe('random streams', () => {
  it('give the same numbers again, in any order', () => {
    const forward = Array.from({ length: 50 }, (_, index) => randomStream(7, 'order/1').word(index));
    const stream = randomStream(7, 'order/1');
    expect(Array.from({ length: 50 }, (_, index) => stream.word(49 - index)).reverse()).toEqual(forward);
  });

  it('differ by seed and by name', () => {
    const words = [randomStream(1, 'a'), randomStream(2, 'a'), randomStream(1, 'b')].map((s) => s.word(0));
    expect(new Set(words).size).toBe(3);
  });

  it('are spread evenly and normally', () => {
    const stream = randomStream(3, 'spread');
    const count = 20_000;
    const uniform = Array.from({ length: count }, (_, index) => stream.uniform(index));
    const normal = Array.from({ length: count }, (_, index) => stream.normal(index));
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / count;
    // Four standard errors: 0.289 and 1 over sqrt(20,000), and sqrt(2) for the variance.
    expect(Math.abs(mean(uniform) - 0.5)).toBeLessThan(0.0082);
    expect(Math.abs(mean(normal))).toBeLessThan(0.0283);
    expect(Math.abs(mean(normal.map((value) => value ** 2)) - 1)).toBeLessThan(0.04);
  });

  it('shuffle without losing or doubling anything', () => {
    const order = permutation(randomStream(1, 'order/0'), 101);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 101 }, (_, index) => index));
    expect([...order]).not.toEqual([...order].sort((a, b) => a - b));
  });
});
