import { describe, expect, it } from 'vitest';
import { resize } from '../training/data/resize';
import { HEAT_COLOURS, heatPixels, upsample } from './heat-map';

const numbers = (values: ArrayLike<number>): number[] =>
  Array.from(values, (value) => Number(value.toFixed(6)));

describe('a heat map', () => {
  it('is enlarged bilinearly, with the middles of its cells as places', () => {
    // Middles of four pixels in a grid of two: 0.25 and 0.75 from the edges lie at −0.25, 0.25, 0.75 and 1.25.
    const row = [0, 0.25, 0.75, 1];
    expect(numbers(upsample({ rows: 1, columns: 2, values: [0, 1] }, 4))).toEqual(
      [row, row, row, row].flat(),
    );
  });

  it('is enlarged as the data’s own resize does, which agrees with torch', () => {
    const values = [0.1, 0.9, 0.3, 0.7, 0.2, 1, 0, 0.5, 0.4, 0.8, 0.6, 0.05];
    const image = { width: 4, height: 3, channels: 1, data: Float64Array.from(values) };
    const expected = resize(image, 17, 17).data;
    upsample({ rows: 3, columns: 4, values }, 17).forEach((value, place) =>
      expect(value).toBeCloseTo(expected[place] ?? 0, 5),
    );
  });

  it('of one cell is the same everywhere', () => {
    expect(numbers(upsample({ rows: 1, columns: 1, values: [0.5] }, 2))).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  it('is brighter the higher the value, and opaque', () => {
    const steps = Array.from({ length: 101 }, (_, index) => index / 100);
    const pixels = heatPixels(steps);
    const light = steps.map((_, index) => {
      const [red = 0, green = 0, blue = 0, alpha = 0] = pixels.subarray(4 * index, 4 * index + 4);
      expect(alpha).toBe(255);
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    });
    light.slice(1).forEach((value, index) => expect(value).toBeGreaterThanOrEqual(light[index] ?? 0));
    expect([...heatPixels([0, 1, 7, -1])]).toEqual(
      [HEAT_COLOURS[0], HEAT_COLOURS.at(-1), HEAT_COLOURS.at(-1), HEAT_COLOURS[0]].flatMap((c) => [
        ...(c ?? []),
        255,
      ]),
    );
  });
});
