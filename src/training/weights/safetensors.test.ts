import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LearnerError } from '../../protocol/errors';
import {
  BYTES_PER_ELEMENT,
  encodeSafetensors,
  halfToNumber,
  openSafetensors,
  parseSafetensors,
  toFloat32,
  type SafetensorsEntry,
  type SafetensorsType,
} from './safetensors';

function file(header: string, data = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

function reasonOf(bytes: Uint8Array): string {
  try {
    parseSafetensors(bytes, 'mine.safetensors');
  } catch (error) {
    if (error instanceof LearnerError) return error.message;
    throw error;
  }
  return 'accepted';
}

const dtypes = Object.keys(BYTES_PER_ELEMENT) as SafetensorsType[];
const entry = fc
  .record({
    dtype: fc.constantFrom(...dtypes),
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
  })
  .chain(({ dtype, shape }) => {
    const size = shape.reduce((product, length) => product * length, BYTES_PER_ELEMENT[dtype]);
    return fc
      .uint8Array({ minLength: size, maxLength: size })
      .map((bytes): SafetensorsEntry => ({ dtype, shape, bytes }));
  });
const names = fc
  .string({ minLength: 1, maxLength: 12 })
  .filter((name) => name !== '__metadata__' && name !== '__proto__');

describe('safetensors', () => {
  it('reads what it wrote, whatever names, types and shapes', () => {
    fc.assert(
      fc.property(fc.dictionary(names, entry, { maxKeys: 6, noNullPrototype: true }), (tensors) => {
        const read = parseSafetensors(
          encodeSafetensors(new Map(Object.entries(tensors)), { by: 'test' }),
          'x',
        );
        expect(Object.keys(tensors).sort()).toEqual([...read.tensors.keys()].sort());
        for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
          expect(read.tensors.get(name)).toMatchObject({ dtype, shape });
          expect([...(read.tensors.get(name)?.bytes ?? [])]).toEqual([...bytes]);
        }
        expect(read.metadata).toEqual({ by: 'test' });
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('answers any damage with a sentence that names the file, or reads a valid file', () => {
    const good = encodeSafetensors(
      new Map([['a', { dtype: 'F32', shape: [2], bytes: new Uint8Array(8) }]] as const),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        (changes) => {
          const bytes = good.slice();
          for (const [place, value] of changes) bytes[place] = value;
          const reason = reasonOf(bytes);
          expect(reason === 'accepted' || reason.startsWith('mine.safetensors ')).toBe(true);
        },
      ),
      { seed: 2, numRuns: 10_000 },
    );
    for (let length = 0; length < good.length; length++)
      expect(reasonOf(good.subarray(0, length))).toContain('mine.safetensors');
  });

  const f32 = (offsets: string, shape = '[1]'): string =>
    `{"dtype":"F32","shape":${shape},"data_offsets":${offsets}}`;
  it.each([
    ['an overlap', `{"a":${f32('[0,4]')},"b":${f32('[0,4]')}}`, 4, 'overlap'],
    ['a hole', `{"a":${f32('[0,4]')},"b":${f32('[8,12]')}}`, 12, 'leaves 4 bytes unused'],
    ['bytes at the end', `{"a":${f32('[0,4]')}}`, 5, '1 bytes after its last tensor'],
    ['a missing end', `{"a":${f32('[0,4]')}}`, 3, 'ends inside tensor "a"'],
    ['a name twice', `{"a":${f32('[0,4]')},"a":${f32('[0,4]')}}`, 4, 'names "a" twice'],
    [
      'a name twice, spelled differently',
      `{"a":${f32('[0,4]')},"\\u0061":${f32('[0,4]')}}`,
      4,
      'names "a" twice',
    ],
    [
      'a key twice inside an entry',
      '{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      4,
      'names "dtype" twice',
    ],
    ['a wrong size', `{"a":${f32('[0,4]', '[2]')}}`, 4, '4 bytes instead of 8'],
    [
      'a number beyond 2^53',
      `{"a":${f32('[0,9007199254740993]', '[9007199254740993]')}}`,
      4,
      'cannot be read',
    ],
    [
      'an unknown type',
      '{"a":{"dtype":"F8","shape":[1],"data_offsets":[0,1]}}',
      1,
      'stores tensor "a" as F8',
    ],
    ['a list as header', '[]', 0, 'not a JSON object'],
    ['no JSON', '{"a":', 0, 'not JSON'],
  ])('refuses %s', (_, header, dataBytes, reason) => {
    expect(reasonOf(file(header, new Uint8Array(dataBytes)))).toContain(reason);
  });

  it.each([
    ['a negative offset', `{"a":${f32('[-4,0]')}}`, 0],
    ['a fraction', `{"a":${f32('[0,4.5]')}}`, 5],
    ['offsets the wrong way round', `{"a":${f32('[4,0]')}}`, 4],
    ['a shape that overflows', `{"a":${f32('[0,4]', '[4294967296,4294967296,4294967296]')}}`, 4],
    ['an entry that is a list', '{"a":[]}', 0],
    ['an entry that is null', '{"a":null}', 0],
    ['metadata that are numbers', '{"__metadata__":{"a":1}}', 0],
    ['a key of its own', '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}}', 4],
    ['a space before the header', ' {}', 0],
    ['null', 'null', 0],
  ])('refuses %s', (_, header, dataBytes) => {
    expect(reasonOf(file(header, new Uint8Array(dataBytes)))).toMatch(/^mine.safetensors /);
  });

  it('takes a rank of 0, a size of 0, spaces at the end, and __proto__ as a name like any other', () => {
    expect(
      reasonOf(file(`{"a":${f32('[0,4]', '[]')},"b":${f32('[4,4]', '[0,3]')}}   `, new Uint8Array(4))),
    ).toBe('accepted');
    const { tensors } = parseSafetensors(file(`{"__proto__":${f32('[0,4]')}}`, new Uint8Array(4)), 'x');
    expect([...tensors.keys()]).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['dtype']).toBeUndefined();
  });

  it('read from a file is the same, one tensor at a time, and says so when the file goes away', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'transfer-lab-safetensors-'));
    try {
      const path = join(folder, 'a.safetensors');
      const tensors = new Map([
        ['a', { dtype: 'F32', shape: [2], bytes: Uint8Array.of(0, 0, 128, 63, 0, 0, 0, 64) }],
        ['b', { dtype: 'I8', shape: [3], bytes: Uint8Array.of(1, 2, 255) }],
      ] as const);
      await writeFile(path, encodeSafetensors(tensors));
      const opened = openSafetensors(path);
      for (const [name, entry] of tensors) {
        const read = opened.tensors.get(name);
        expect(read && [...toFloat32(read)]).toEqual([...toFloat32(entry)]);
      }
      await truncate(path, 100);
      expect(() => opened.tensors.get('a')?.bytes).toThrow(/became shorter/);
      await rm(path);
      expect(() => opened.tensors.get('a')?.bytes).toThrow(/cannot be read/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('refuses a header of more than 100 MB without reading it', () => {
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setBigUint64(0, 2n ** 40n, true);
    expect(reasonOf(bytes)).toContain('at most 100 MB');
  });

  it('converts half precision and bfloat16', () => {
    // IEEE 754-2008 binary16: one, minus two, the smallest subnormal, the largest number, infinity.
    expect([0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00].map(halfToNumber)).toEqual([
      1,
      -2,
      2 ** -24,
      65504,
      Infinity,
    ]);
    const bytes = Uint8Array.of(0x80, 0x3f, 0x49, 0x40); // 1 and 3.140625
    expect([...toFloat32({ dtype: 'BF16', shape: [2], bytes })]).toEqual([1, 3.140625]);
    // 1, -2 and 0.333251953125, the half nearest to a third.
    const half = new Uint8Array([0x00, 0x3c, 0x00, 0xc0, 0x55, 0x35]);
    expect([...toFloat32({ dtype: 'F16', shape: [3], bytes: half })]).toEqual([1, -2, 0.333251953125]);
  });
});
