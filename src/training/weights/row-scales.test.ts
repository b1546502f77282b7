import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEmbeddedWeights } from './embedded';
import { joinRowScales } from './row-scales';
import { readSafetensors, toFloat32, type SafetensorsEntry } from './safetensors';

/** Written by tools/text/int8_fixture.py: what PyTorch reads in the same files. */
const folder = path.join(__dirname, 'testing');
const expected = JSON.parse(readFileSync(path.join(folder, 'int8-rows.json'), 'utf8')) as {
  small: Record<string, number[]>;
  'minilm-l6': Record<string, { shape: number[]; places: number[]; values: number[] }>;
};
const bytes = new Uint8Array(6);
const integers: SafetensorsEntry = { dtype: 'I8', shape: [2, 3], bytes };

describe('matrices stored as 8-bit rows', () => {
  it('become the numbers that PyTorch makes of them, rows of zeros included', async () => {
    const file = path.join(folder, 'int8-rows.safetensors');
    const { tensors } = joinRowScales(await readSafetensors(file), file);
    const read = Object.fromEntries([...tensors].map(([name, entry]) => [name, [...toFloat32(entry)]]));
    expect(read).toEqual(expected.small);
  });

  it('become the numbers that PyTorch makes of them in every tensor of minilm-l6', async () => {
    const { tensors } = (await readEmbeddedWeights('minilm-l6')).content;
    const reference = expected['minilm-l6'];
    expect([...tensors.keys()].sort()).toEqual(Object.keys(reference).sort());
    for (const [name, entry] of tensors) {
      const values = toFloat32(entry);
      expect([...entry.shape], name).toEqual(reference[name]?.shape);
      expect(
        reference[name]?.places.map((place) => values[place]),
        name,
      ).toEqual(reference[name]?.values);
    }
  });

  it('need one scale for each row', () => {
    const scale: SafetensorsEntry = { dtype: 'F16', shape: [3], bytes };
    const tensors = new Map([
      ['a.weight', integers],
      ['a.weight.scale', scale],
    ]);
    expect(() => joinRowScales({ tensors, metadata: {} }, 'mine.safetensors')).toThrow(
      'mine.safetensors gives "a.weight" [2, 3] the scales F16 [3]; expected one F16 or F32 for each row.',
    );
  });

  it('stay integers where the file has no scales', () => {
    const { tensors } = joinRowScales({ tensors: new Map([['counts', integers]]), metadata: {} }, 'x');
    expect(tensors.get('counts')).toBe(integers);
  });
});

describe('the models that are the first layers of minilm-l6', () => {
  it.each([
    ['minilm-l2', 2, 15_467_520],
    ['minilm-l4', 4, 19_016_448],
  ])('%s has %i layers of the same file and %i parameters', async (name, layers, parameters) => {
    const whole = (await readEmbeddedWeights('minilm-l6')).content.tensors;
    const { file, content } = await readEmbeddedWeights(name);
    expect(path.basename(path.dirname(file))).toBe('minilm-l6');
    const numbers = [...content.tensors.keys()].flatMap((each) => /layer\.(\d+)/.exec(each)?.[1] ?? []);
    expect(Math.max(...numbers.map(Number))).toBe(layers - 1);
    for (const [each, entry] of content.tensors) expect(entry.shape).toEqual(whole.get(each)?.shape);
    const sizes = [...content.tensors.values()].map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    expect(sizes.reduce((a, b) => a + b)).toBe(parameters);
  });
});
