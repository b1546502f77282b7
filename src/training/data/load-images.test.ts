import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { imageFolder } from '../../lab';
import { decodeImage } from './decode';
import { batchIndices, stepsPerEpoch } from './dataset';
import { loadImages } from './load-images';
import { IMAGENET, type Preprocessing } from '../weights/preprocessing';
import { problemOf } from '../testing/problem-of';

const PLAIN: Preprocessing = { ...IMAGENET, mean: [0, 0, 0], std: [1, 1, 1] };
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'transfer-lab-data-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const flat = (red: number, green = 0, blue = 0, size = 32) =>
  sharp({ create: { width: size, height: size, channels: 3, background: { r: red, g: green, b: blue } } });

async function picture(path: string, red: number, green = 0): Promise<string> {
  const file = join(root, path);
  await mkdir(join(file, '..'), { recursive: true });
  await flat(red, green).png().toFile(file);
  return file;
}

const load = (path = root) => loadImages(imageFolder(path, { imageSize: 32 }), root, PLAIN);

describe('image folders', () => {
  it('keep a given split, with classes in order of their names', async () => {
    for (const split of ['train', 'val', 'test'])
      for (const [index, name] of ['b', 'a'].entries())
        await picture(`${split}/${name}/1.png`, split.length * 20 + index, index * 9);
    const { classNames, info, splits } = await load();
    expect(classNames).toEqual(['a', 'b']);
    expect(info.counts).toEqual({ train: 2, val: 2, test: 2 });
    expect([...splits.train.labels]).toEqual([0, 1]);
    expect(splits.train.values.length).toBe(2 * 32 * 32 * 3);
  });

  it('split a folder per class by class and seed, the same way each time', async () => {
    for (let index = 0; index < 10; index++) {
      await picture(`a/${index}.png`, index);
      await picture(`b/${index}.png`, 100 + index);
    }
    const [first, second] = [await load(), await load()];
    expect(first.info.counts).toEqual({ train: 16, val: 4, test: 0 });
    expect([...first.splits.val.labels]).toEqual([0, 0, 1, 1]);
    expect(second.splits.val.files).toEqual(first.splits.val.files);
    expect(second.fingerprint).toBe(first.fingerprint);
    const other = await loadImages(imageFolder(root, { imageSize: 32, seed: 2 }), root, PLAIN);
    expect(other.fingerprint).not.toBe(first.fingerprint);
  });

  it('never have the same picture on both sides of a split', async () => {
    for (let index = 0; index < 4; index++) {
      await picture(`train/a/${index}.png`, index);
      await picture(`train/b/${index}.png`, 50 + index);
    }
    await picture('val/a/1.png', 200);
    await picture('val/b/1.png', 210);
    await copyFile(join(root, 'train/a/0.png'), join(root, 'val/a/copy.png'));
    const { info } = await load();
    expect(info.counts).toEqual({ train: 7, val: 3, test: 0 });
    expect(info.skipped).toEqual([
      { file: join(root, 'train/a/0.png'), reason: `the same picture as ${join('val', 'a', 'copy.png')}` },
    ]);
  });

  it('leave out what is no readable picture, each by name and reason', async () => {
    for (let index = 0; index < 3; index++) {
      await picture(`a/${index}.png`, index);
      await picture(`b/${index}.png`, 50 + index);
    }
    await writeFile(join(root, 'a/empty.png'), '');
    await writeFile(join(root, 'a/broken.jpg'), 'no picture');
    await writeFile(join(root, 'a/notes.txt'), 'text');
    await writeFile(join(root, 'a/.hidden'), 'nothing');
    await symlink(join(root, 'a/0.png'), join(root, 'a/link.png'));
    await sharp({ create: { width: 8000, height: 7000, channels: 3, background: 'white' } })
      .png()
      .toFile(join(root, 'a/huge.png'));
    if (process.platform !== 'win32') execFileSync('mkfifo', [join(root, 'a/pipe.png')]);
    const whole = await flat(9).resize(300, 300).jpeg().toBuffer();
    await writeFile(join(root, 'a/cut.jpg'), whole.subarray(0, whole.length / 2));
    const { info } = await load();
    const reasons = Object.fromEntries(info.skipped.map(({ file, reason }) => [basename(file), reason]));
    expect(reasons).toMatchObject({
      'empty.png': 'empty file',
      'huge.png': 'more than 50 million pixels',
      'link.png': 'a link, not a file',
      'notes.txt': 'not a picture (.txt)',
      ...(process.platform === 'win32' ? {} : { 'pipe.png': 'not a regular file' }),
    });
    expect(Object.keys(reasons)).toEqual(expect.arrayContaining(['broken.jpg', 'cut.jpg']));
    expect(info.counts.train + info.counts.val).toBe(6);
  });

  it('say what is wrong with a folder that cannot be learned from', async () => {
    expect(await problemOf(load(join(root, 'nowhere')))).toBe('data-folder-missing');
    expect(await problemOf(load())).toBe('data-folder-empty');
    await picture('a/1.png', 1);
    await picture('a/2.png', 2);
    expect(await problemOf(load())).toBe('data-one-class');
    await mkdir(join(root, 'b'));
    expect(await problemOf(load())).toBe('data-class-empty');
    await picture('b/1.png', 50);
    expect(await problemOf(load())).toBe('data-class-empty');
    await picture('train/a/1.png', 3);
    expect(await problemOf(load())).toBe('data-no-validation');
  });
});

describe('decoding', () => {
  const decode = async (image: Sharp, format: 'png' | 'jpeg' | 'tiff' = 'png'): Promise<number[]> => {
    const pixels = await decodeImage(await image.toFormat(format).toBuffer(), 32, PLAIN);
    expect(pixels.length).toBe(32 * 32 * 3);
    return [...pixels.subarray(0, 3)].map((value) => Math.round(value * 255));
  };

  it('turns grey, alpha and 16-bit pictures into RGB', async () => {
    expect(await decode(flat(120, 120, 120).toColourspace('b-w'))).toEqual([120, 120, 120]);
    expect(await decode(flat(10, 20, 30).ensureAlpha(0.5))).toEqual([10, 20, 30]);
    expect(await decode(flat(10, 20, 30).toColourspace('rgb16'))).toEqual([10, 20, 30]);
  });

  it('reads CMYK pictures', async () => {
    const [red = 0, green = 255] = await decode(flat(250, 10, 10).toColourspace('cmyk'), 'jpeg');
    expect(red).toBeGreaterThan(180);
    expect(green).toBeLessThan(90);
  });

  it('turns pictures upright as their EXIF says', async () => {
    const left = await flat(255).resize(16, 32).png().toBuffer();
    const image = flat(0).composite([{ input: left, left: 0, top: 0 }]);
    const turned = await sharp(await image.png().toBuffer())
      .jpeg({ quality: 100 })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const pixels = await decodeImage(turned, 32, PLAIN); // orientation 6: the left side is at the top
    const red = (x: number, y: number): number => pixels[(y * 32 + x) * 3] ?? 0;
    expect([red(4, 4), red(28, 4)].every((value) => value > 0.9)).toBe(true);
    expect([red(4, 28), red(28, 28)].every((value) => value < 0.1)).toBe(true);
  });

  it('keeps a picture that has the size, to the byte', async () => {
    const bytes = Uint8Array.from({ length: 32 * 32 * 3 }, (_, index) => (index * 37) % 256);
    const png = await sharp(bytes, { raw: { width: 32, height: 32, channels: 3 } })
      .png()
      .toBuffer();
    const pixels = await decodeImage(png, 32, PLAIN);
    expect([...pixels].map((value) => Math.round(value * 255))).toEqual([...bytes]);
  });
});

describe('batches', () => {
  it('show each picture once in an epoch, and fill a late batch without counting it', () => {
    const seen: number[] = [];
    for (let step = 0; step < stepsPerEpoch(21, 8); step++) {
      const { indices, counted } = batchIndices(21, 8, 1, 0, step);
      expect(indices.length).toBe(8);
      seen.push(...indices.subarray(0, counted));
    }
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 21 }, (_, index) => index));
  });
});
