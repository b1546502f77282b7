import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LearnerError } from '../protocol/errors';
import { mediaFolder, mediaNames, readMediaCard, verifyMedia, type MediaKind } from './media';

const kinds: readonly MediaKind[] = ['models', 'data'];
const folders = (
  await Promise.all(
    kinds.map(async (kind) => (await mediaNames(kind)).map((name) => mediaFolder(kind, name))),
  )
).flat();

describe.each(folders)('%s', (folder) => {
  it('has a card that names the folder, and every file as the card states it', async () => {
    expect((await readMediaCard(folder)).name).toBe(path.basename(folder));
    await expect(verifyMedia(folder)).resolves.toBeUndefined();
  });

  it('has in its README.md a heading with its name, a licence and the command that makes it', async () => {
    const text = readFileSync(path.join(folder, 'README.md'), 'utf8');
    expect(text).toMatch(new RegExp(`^# ${path.basename(folder)}\n`));
    expect(text).toMatch(/licence/i);
    expect(text).toContain((await readMediaCard(folder)).source);
  });
});

it('all that comes with Transfer Lab has at most 75 MB', async () => {
  const cards = await Promise.all(folders.map(readMediaCard));
  expect(cards.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(75e6);
});

describe('a damaged folder', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'transfer-lab-media-'));
  afterAll(() => rmSync(root, { recursive: true }));

  /** A copy of an embedded folder, to be damaged. */
  function copyOf(kind: MediaKind, name: string): string {
    const copy = path.join(mkdtempSync(path.join(root, 'copy-')), name);
    cpSync(mediaFolder(kind, name), copy, { recursive: true });
    return copy;
  }

  async function problemOf(folder: string): Promise<LearnerError['problem'] | undefined> {
    try {
      await verifyMedia(folder);
      return undefined;
    } catch (error) {
      if (error instanceof LearnerError) return error.problem;
      throw error;
    }
  }

  function flipBit(file: string): void {
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(file, bytes);
  }

  it('whose weights are cut off names the file, both sizes and the way to get it again', async () => {
    const folder = copyOf('models', 'resnet10-narrow');
    const file = path.join(folder, 'model.safetensors');
    const { length } = readFileSync(file);
    truncateSync(file, length - 1000);
    const problem = await problemOf(folder);
    expect(problem?.code).toBe('media-damaged');
    expect(problem?.message).toBe(`${file} has ${length - 1000} bytes instead of ${length}.`);
    expect(problem?.remedy).toContain('reinstall Transfer Lab');
    expect(problem?.remedy).toContain('git checkout');
  });

  it('whose weights have one other bit names the file and both hashes', async () => {
    const folder = copyOf('models', 'resnet10-narrow');
    const file = path.join(folder, 'model.safetensors');
    flipBit(file);
    expect((await problemOf(folder))?.message).toMatch(
      /resnet10-narrow.model\.safetensors has other content than it came with \(sha256 [0-9a-f]{64}, expected/,
    );
  });

  it('with a changed picture names the picture, which only the index lists', async () => {
    const folder = copyOf('data', 'emoji-10');
    const index = readFileSync(path.join(folder, 'index.csv'), 'utf8');
    const picture = index.split('\n')[300]?.split(',')[0] ?? '';
    flipBit(path.join(folder, picture));
    expect((await problemOf(folder))?.message).toContain(
      `${path.join(folder, picture)} has other content than it came with`,
    );
  });

  it('without one of its files, or with a card that is no card, says so', async () => {
    const folder = copyOf('data', 'moby-dick');
    rmSync(path.join(folder, 'val.txt'));
    expect((await problemOf(folder))?.message).toContain('val.txt cannot be read');
    writeFileSync(path.join(folder, 'card.json'), '{"name": "moby-dick"}');
    expect((await problemOf(folder))?.message).toContain('card.json is not a card');
    writeFileSync(path.join(folder, 'card.json'), '{"name": ');
    expect((await problemOf(folder))?.message).toContain('card.json is not JSON');
  });
});
