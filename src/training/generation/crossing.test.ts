import { describe, expect, it } from 'vitest';
import { randomStream } from '../random';
import { Crossing } from './crossing';

/** What `find` stands for: sort all, then walk. */
function sorted(
  keys: Float64Array,
  ids: Int32Array,
  masses: Float64Array,
  target: number,
  higherIdFirst: boolean,
): number {
  const order = Array.from(keys.keys()).sort(
    (a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || ((ids[a] ?? 0) - (ids[b] ?? 0)) * (higherIdFirst ? -1 : 1),
  );
  let sum = 0;
  for (const position of order) {
    sum += masses[ids[position] ?? 0] ?? 0;
    if (sum > target) return position;
  }
  return order.at(-1) ?? 0;
}

const stream = randomStream(1, 'crossing');
const shapes: Readonly<Record<string, (index: number) => number>> = {
  'spread evenly': (index) => stream.uniform(index),
  'with many ties': (index) => Math.floor(7 * stream.uniform(index)),
  'with all but a few in one bucket': (index) => (index % 500 === 0 ? -1e30 : 1e-3 * stream.uniform(index)),
  'all equal': () => 3,
  'of the largest and smallest floats': (index) => (stream.uniform(index) < 0.5 ? -3.4e38 : 3.4e38),
  'so near that their differences are hardly numbers': (index) => (index % 9) * 5e-324,
};

describe('the crossing', () => {
  it.each(Object.entries(shapes))('is the item that sorting finds, for keys %s', (_, shape) => {
    for (const count of [1, 2, 47, 48, 49, 1500, 4000]) {
      const keys = Float64Array.from({ length: count }, (__, index) => shape(index));
      const ids = Int32Array.from({ length: count }, (__, index) => 3 * index + 1);
      // Whole numbers, so that sums are exact in every order.
      const masses = new Float64Array(3 * count + 1);
      for (const id of ids) masses[id] = Math.floor(10 * stream.uniform(id + 9_000_000));
      const all = masses.reduce((sum, mass) => sum + mass, 0);
      const crossing = new Crossing(count);
      for (const share of [0, 0.001, 0.3, 0.5, 0.9, 0.9999, 1, 2])
        for (const higherIdFirst of [false, true]) {
          const found = crossing.find(
            { keys, ids, count, masses, higherIdFirst },
            (sum) => sum > share * all,
          );
          expect(found, `${count} keys, ${share}`).toBe(
            sorted(keys, ids, masses, share * all, higherIdFirst),
          );
        }
    }
  });
});
