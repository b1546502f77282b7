/** A learner's folder with every flaw, made anew for each test. */
import { execFileSync } from 'node:child_process';
import {
  chmod,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { imageCsv, imageFolder, type ImageSource } from '../../lab';
import { assetsRoot } from '../assets';
import { describeReport } from '../cli/data-command';
import { hashBytesImage } from '../oracle/hash';
import { IMAGENET } from '../weights/preprocessing';
import { inspectData, loadImages } from './load-images';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'transfer-lab-flaws-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const windows = process.platform === 'win32';

/** A picture of soft blobs, unlike that of any other name. */
function blobs(name: string, width = 48, height = width): Sharp {
  const planes = hashBytesImage(name, [3, 4, 4]);
  const pixels = Uint8Array.from(
    { length: 48 },
    (_, place) => planes[(place % 3) * 16 + Math.floor(place / 3)] ?? 0,
  );
  return sharp(pixels, { raw: { width: 4, height: 4, channels: 3 } }).resize(width, height, {
    kernel: 'cubic',
  });
}

async function picture(path: string, name = path): Promise<string> {
  const file = join(root, path);
  await mkdir(join(file, '..'), { recursive: true });
  await blobs(name).png().toFile(file);
  return file;
}

async function classes(counts: Readonly<Record<string, number>>, under = '.'): Promise<void> {
  for (const [name, count] of Object.entries(counts))
    for (let index = 0; index < count; index++) await picture(join(under, name, `${index}.png`));
}

const inspect = async (source: ImageSource = imageFolder(root, { imageSize: 32 })) =>
  (await inspectData(source, root)).report;
const codes = async (source?: ImageSource): Promise<string[]> =>
  (await inspect(source)).warnings.map(({ code }) => code);
const reasons = (report: Awaited<ReturnType<typeof inspect>>): Record<string, string> =>
  Object.fromEntries(report.skipped.files.map(({ file, reason }) => [basename(file), reason]));

/** A PNG that says it is so large and has next to no data. */
function hugePng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(64))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('a folder of pictures', () => {
  it('without flaws is counted by class and split, and has no warning', async () => {
    await classes({ cat: 15, dog: 15 });
    const report = await inspect();
    expect(report).toMatchObject({
      split: 'drawn',
      classes: [
        { className: 'cat', train: 12, val: 3, test: 0 },
        { className: 'dog', train: 12, val: 3, test: 0 },
      ],
      sizes: { smallest: [48, 48], median: [48, 48], largest: [48, 48] },
      formats: { png: 30 },
      skipped: { count: 0 },
      nearDuplicates: { count: 0 },
      warnings: [],
    });
    expect(describeReport(report)).toContain('Nothing to mend.');
    const { info } = await loadImages(imageFolder(root, { imageSize: 32 }), root, IMAGENET);
    expect(info.report).toEqual(report);
  });

  it('is left as it was: files that cannot be used are named, never touched, and pipes never opened', async () => {
    await classes({ cat: 3, dog: 3 });
    const cat = (name: string): string => join(root, 'cat', name);
    await writeFile(cat('zero.png'), '');
    await writeFile(cat('text.jpg'), 'no picture at all');
    await writeFile(cat('vector.png'), '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    await writeFile(cat('notes.txt'), 'text');
    await writeFile(cat('square.png'), hugePng(30_000, 30_000));
    await writeFile(cat('row.png'), hugePng(100_000_000, 1));
    await picture('stray.png');
    if (!windows) {
      execFileSync('mkfifo', [cat('pipe.png')]);
      await symlink(join(root, 'cat'), cat('circle'));
      await symlink(cat('0.png'), cat('link.png'));
      await symlink(join(root, 'dog'), join(root, 'linked class'));
      await picture('cat/locked.png');
      await chmod(cat('locked.png'), 0);
    }
    const mayReadAll = windows || process.getuid?.() === 0;
    const report = await inspect();
    expect(reasons(report)).toEqual({
      'zero.png': 'empty file',
      'text.jpg': 'its content is no picture (png, jpeg, webp, gif, tiff or avif)',
      'vector.png': 'its content is no picture (png, jpeg, webp, gif, tiff or avif)',
      'notes.txt': 'not a picture (.txt)',
      'square.png': 'more than 50 million pixels',
      'row.png': 'more than 50 million pixels',
      'stray.png': 'beside the class folders, so it has no class',
      ...(windows
        ? {}
        : {
            'pipe.png': 'not a regular file',
            circle: 'a link, not a file',
            'link.png': 'a link, not a file',
            'linked class': 'a link, not a folder',
          }),
      ...(mayReadAll ? {} : { 'locked.png': 'it may not be read (permission denied)' }),
    });
    const [catCounts] = report.classes;
    expect((catCounts?.train ?? 0) + (catCounts?.val ?? 0)).toBe(mayReadAll && !windows ? 4 : 3);
  });

  it('brings every kind of picture to RGB and says what it did', async () => {
    await classes({ cat: 10, dog: 12 });
    const cat = (name: string): string => join(root, 'cat', name);
    await blobs('cmyk').toColourspace('cmyk').jpeg().toFile(cat('cmyk.jpg'));
    await blobs('deep').toColourspace('rgb16').png().toFile(cat('deep.png'));
    await blobs('grey').greyscale().toColourspace('b-w').png().toFile(cat('grey.png'));
    await blobs('clear').ensureAlpha(0.5).webp({ lossless: true }).toFile(cat('clear.webp'));
    await blobs('turned', 48, 32).jpeg().withMetadata({ orientation: 6 }).toFile(cat('turned.jpg'));
    await blobs('dot', 1).png().toFile(cat('dot.png'));
    const frames = await blobs('frames', 16, 32).raw().toBuffer();
    await sharp(frames, { raw: { width: 16, height: 32, channels: 3, pageHeight: 16 } })
      .gif({ delay: [100, 100] })
      .toFile(cat('moving.gif'));
    await rename(await picture('cat/real.png'), cat('called.jpg'));
    const report = await inspect();
    expect(report.skipped.count).toBe(0);
    expect(report.conversions).toMatchObject({
      greyscale: 1,
      cmyk: 1,
      sixteenBit: 1,
      animated: 1,
      rotated: 1,
    });
    expect(report.formats).toEqual({ png: 26, jpeg: 2, webp: 1, gif: 1 });
    expect(report.sizes?.smallest).toEqual([1, 1]);
    const told = report.warnings.map(({ code, message }) => `${code} ${message}`).join('\n');
    expect(told).toContain('data-wrong-extension');
    expect(told).toContain('called.jpg is png, not .jpg');
    expect(told).toContain(
      'data-animated Of animated pictures only the first frame is used, once: moving.gif',
    );
  });

  it('warns of classes of unlike size alone where none is tiny, and of three times as many, not fewer', async () => {
    await classes({ cat: 40, dog: 14 }, 'a');
    await classes({ cat: 45, dog: 15 }, 'b');
    // A fifth of each class validates: 32 and 11 are left to train on, then 36 and 12.
    expect(await codes(imageFolder(join(root, 'a'), { imageSize: 32 }))).toEqual([]);
    const { warnings } = await inspect(imageFolder(join(root, 'b'), { imageSize: 32 }));
    expect(warnings.map(({ code }) => code)).toEqual(['data-imbalanced']);
    expect(warnings[0]?.message).toContain('cat has 36 training pictures, dog has 12');
    expect(warnings[0]?.remedy).toContain("classWeights: 'balanced'");
  });

  it('warns of tiny classes alone where all are tiny, by name and number', async () => {
    await classes({ cat: 11, dog: 12 });
    const { warnings } = await inspect();
    expect(warnings.map(({ code }) => code)).toEqual(['data-tiny-class']);
    expect(warnings[0]?.message).toContain('cat (9)');
    expect(warnings[0]?.message).not.toContain('dog');
  });

  it('names the files whose extension is another kind than their content, and reads them all the same', async () => {
    await classes({ cat: 12, dog: 12 });
    await blobs('photo').jpeg().toFile(join(root, 'dog/photo.png'));
    const report = await inspect();
    expect(report.warnings.map(({ code, files }) => [code, files])).toEqual([
      ['data-wrong-extension', [join(root, 'dog/photo.png')]],
    ]);
    expect(report.formats).toEqual({ png: 24, jpeg: 1 });
  });

  it('without one picture says so, and so does a folder with one class', async () => {
    expect(await codes()).toEqual(['data-folder-empty']);
    await classes({ cat: 15 });
    expect(await codes()).toEqual(['data-one-class']);
  });

  it('may have classes of any name', async () => {
    const names = [
      '&lt;cat',
      "d'or; rm -rf",
      '猫 🐈',
      '__proto__',
      ...(windows ? [] : ['<b>"cat"', 'dog.\n']),
    ];
    await classes(Object.fromEntries(names.map((name) => [name, 12])));
    const report = await inspect();
    expect(report.classes.map(({ className }) => className)).toEqual([...names].sort());
    expect(report.warnings).toEqual([]);
  });

  it('reports an empty class that a run would refuse', async () => {
    await classes({ cat: 12, dog: 12 });
    await mkdir(join(root, 'empty'));
    expect(await codes()).toContain('data-class-empty');
  });

  it('keeps one copy of a picture that is there in two formats, and names two classes that share one', async () => {
    await classes({ cat: 12, dog: 12 });
    await sharp(join(root, 'cat/0.png')).webp({ lossless: true }).toFile(join(root, 'cat/same.webp'));
    await copyFile(join(root, 'cat/1.png'), join(root, 'dog/other.png'));
    const report = await inspect();
    expect(reasons(report)).toEqual({
      'same.webp': `the same picture as ${join('cat', '0.png')}`,
      'other.png': `the same picture as ${join('cat', '1.png')}`,
    });
    expect(report.warnings.map(({ code }) => code)).toEqual(['data-conflicting-labels']);
    expect(report.warnings[0]?.message).toContain('other.png (dog and cat)');
    expect(report.warnings[0]?.files).toEqual([join(root, 'dog/other.png'), join(root, 'cat/1.png')]);
    expect(report.duplicates).toBe(2);
  });

  it('finds changed copies across the split: smaller, more compressed, brighter', async () => {
    const emoji = join(assetsRoot(), 'media/data/emoji-10');
    for (const name of ['crab', 'castle'])
      for (const part of ['train', 'val'])
        await cp(join(emoji, part, name), join(root, part, name), { recursive: true });
    expect((await inspect()).nearDuplicates.count).toBe(0);
    const names = (await readdir(join(root, 'train/crab'))).sort();
    const from = (index: number): Sharp => sharp(join(root, 'train/crab', names[index] ?? ''));
    await from(0).resize(32, 32).png().toFile(join(root, 'val/crab/small.png'));
    await from(1).removeAlpha().jpeg({ quality: 30 }).toFile(join(root, 'val/crab/coarse.jpg'));
    await from(2).linear(1.04).png().toFile(join(root, 'val/crab/bright.png'));
    const { nearDuplicates, warnings } = await inspect();
    expect(
      nearDuplicates.pairs.map(({ file, other }) => `${basename(file)} ${basename(other)}`).sort(),
    ).toEqual([
      `bright.png ${names[2] ?? ''}`,
      `coarse.jpg ${names[1] ?? ''}`,
      `small.png ${names[0] ?? ''}`,
    ]);
    const warning = warnings.find(({ code }) => code === 'data-near-duplicates');
    expect(warning?.files?.map((file) => basename(file))).toContain('coarse.jpg');
  });
});

describe('a CSV file', () => {
  const csv = async (content: string | Buffer, name = 'labels.csv'): Promise<string> => {
    const file = join(root, name);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, content);
    return file;
  };
  const rows = (
    count: number,
    of = (index: number) => `${index % 2 ? 'dog' : 'cat'}/${Math.floor(index / 2)}.png`,
  ) => Array.from({ length: count }, (_, index) => `${of(index)},${index % 2 ? 'dog' : 'cat'}`);
  const load = (file: string, options = {}) =>
    loadImages(imageCsv(file, { imageSize: 32, ...options }), root, IMAGENET);
  const problem = async (run: Promise<unknown>): Promise<string> =>
    run.then(
      () => 'accepted',
      (error: Error) => error.message,
    );

  it('names pictures and classes, from its own folder, with quotes, a byte order mark and any line ends', async () => {
    await classes({ cat: 5, dog: 5 });
    await picture('a, "b".png');
    const plain = await load(await csv(`path,label\n${rows(10).join('\n')}`));
    expect(plain.info).toMatchObject({
      classNames: ['cat', 'dog'],
      counts: { train: 8, val: 2, test: 0 },
      skipped: [],
    });
    const odd = `\uFEFFlabel;file\r\n"cat";"a, ""b"".png"\r\n${rows(10)
      .map((row) => row.split(',').reverse().join(';'))
      .join('\r\n\n')}\r\n`;
    for (const content of [odd, Buffer.from(odd, 'utf16le')]) {
      const { info } = await load(await csv(content));
      expect(info.counts).toEqual({ train: 9, val: 2, test: 0 });
      expect(info.skipped).toEqual([]);
    }
  });

  it('may lie elsewhere than its pictures, and say the split', async () => {
    await classes({ cat: 6, dog: 6 });
    const splits = ['train', 'train', 'val', 'test'];
    const lines = rows(12).map((row, index) => `../${row},${splits[Math.floor(index / 2) % 4] ?? ''}`);
    const file = await csv(
      `path,label,split\n${lines.join('\n')}\n${join(root, 'cat/0.png')},cat,train`,
      'lists/all.csv',
    );
    const { info } = await load(file);
    expect(info.counts).toEqual({ train: 8, val: 2, test: 2 });
    expect(info.report?.split).toBe('given');
    expect(info.skipped.map(({ reason }) => reason)).toEqual(['row 14: named a second time']);
  });

  it('sorts number labels as numbers', async () => {
    await classes({ cat: 4, dog: 4 });
    const file = await csv(
      `image,class\n${rows(8)
        .map((row) => row.replace(/cat$/, '10').replace(/dog$/, '2'))
        .join('\n')}`,
    );
    expect((await load(file)).classNames).toEqual(['2', '10']);
  });

  it('loses only the rows that cannot be used, each with its number and reason', async () => {
    await classes({ cat: 4, dog: 4 });
    const bad = [
      'nowhere.png,cat',
      'cat/0.png,cat,extra',
      'cat/0.png',
      ',cat',
      'cat/1.png,',
      'cat/0.png,dog',
      'https://example.org/cat.png,cat',
      'cat,cat',
    ];
    const { info } = await load(await csv(['path,label', ...rows(8), ...bad].join('\n')));
    expect(info.counts).toEqual({ train: 6, val: 2, test: 0 });
    expect(info.skipped.map(({ file, reason }) => `${basename(file)}: ${reason}`).sort()).toEqual(
      [
        'nowhere.png: no such file',
        'labels.csv: row 11: 3 fields instead of 2',
        'labels.csv: row 12: 1 fields instead of 2',
        'labels.csv: row 13: no path',
        '1.png: row 14: no label',
        '0.png: row 15: is "dog" here, but "cat" in an earlier row',
        'labels.csv: row 16: an address, not a file: https://example.org/cat.png',
        'cat: not a regular file',
      ].sort(),
    );
  });

  it('that cannot be read says why', async () => {
    await classes({ cat: 2, dog: 2 });
    expect(await problem(load(join(root, 'none.csv')))).toContain('does not exist');
    expect(await problem(load(await csv('')))).toContain('is empty');
    expect(await problem(load(await csv('a,b\nx,y')))).toContain('has no column path or file');
    expect(await problem(load(await csv('a,b\nx,y'), { pathColumn: 'c' }))).toContain(
      'no column "c". Its columns: a, b',
    );
    expect(await problem(load(await csv('__proto__,label\ncat/0.png,cat')))).toContain(
      'Its columns: __proto__, label',
    );
    expect(await problem(load(await csv(`path,label\n"${'x'.repeat(200_000)},cat`)))).toContain(
      'cannot be read',
    );
    expect(await problem(load(await csv(Buffer.from([0x70, 0xff, 0x80, 0x0a]))))).toContain(
      'not written in UTF-8',
    );
  });
});
