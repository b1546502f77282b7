import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { expect } from 'vitest';

export const here = path.dirname(fileURLToPath(import.meta.url));
export const media = path.join(here, '..', '..', 'media');

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Rows of a CSV file without quoted fields, by the names in its first line. */
export function readTable(file: string): Record<string, string>[] {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split(/\r?\n/u);
  const names = header.split(',');
  return lines.map((line) => {
    const fields = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, fields[i] ?? '']));
  });
}

export function countBy(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

/** Name, dtype and shape of each tensor in a safetensors file. */
export function readHeader(file: string): Record<string, { dtype: string; shape: number[] }> {
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8')) as Record<
    string,
    { dtype: string; shape: number[] }
  >;
  delete header['__metadata__'];
  return header;
}

/** Paths of the pictures in a data set's three splits, with slashes, sorted. */
export function picturesIn(dataSet: string): string[] {
  return ['train', 'val', 'test']
    .flatMap((split) =>
      readdirSync(path.join(dataSet, split), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.png'))
        .map((file) => path.posix.join(split, file.replaceAll(path.sep, '/'))),
    )
    .sort();
}

/** Decodes every picture: each has this shape [height, width, channels], and no two show the same. */
export async function expectDifferentPictures(
  dataSet: string,
  files: readonly string[],
  shape: readonly [number, number, number],
): Promise<void> {
  const seen = new Map<string, string>();
  const pictures = files.map((file) => ({ file, bytes: readFileSync(path.join(dataSet, file)) }));
  const contents = await Promise.all(pictures.map(({ bytes }) => sharp(bytes).raw().toBuffer()));
  for (const [i, { file, bytes }] of pictures.entries()) {
    // A PNG's header: width and height from byte 16 on, then bits a channel and colour type.
    const channels = { 0: 1, 2: 3 }[bytes.readUInt8(25)];
    expect([bytes.readUInt32BE(20), bytes.readUInt32BE(16), channels], file).toEqual(shape);
    const content = sha256(contents[i] ?? bytes);
    expect(seen.get(content), `${file} shows the same as`).toBeUndefined();
    seen.set(content, file);
  }
}

/** The table and the folder name the same pictures, and each has the hash that the table states. */
export function expectIndexedPictures(dataSet: string, index: readonly Record<string, string>[]): void {
  expect(picturesIn(dataSet)).toEqual(index.map((row) => row['file'] ?? '').sort());
  for (const row of index) {
    expect(sha256(readFileSync(path.join(dataSet, row['file'] ?? ''))), row['file']).toBe(row['sha256']);
  }
}

type HeldOutGroup = Readonly<Record<'classes' | 'relatives', Readonly<Record<string, string>>>>;

/** The emoji that pretraining never saw. */
export const heldOut = JSON.parse(readFileSync(path.join(here, 'held-out.json'), 'utf8')) as Readonly<
  Record<'emoji-10' | 'scenes', HeldOutGroup>
>;

/** The drawings that pretraining saw: emoji, style, sha256At64. */
export const readPretrainingPictures = (): Record<string, string>[] =>
  readTable(path.join(media, 'models', 'pretraining-pictures.csv'));
