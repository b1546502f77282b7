import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

const here = path.dirname(fileURLToPath(import.meta.url));
const media = path.join(here, '..', '..', 'media');
const dataSet = path.join(media, 'data', 'emoji-10');
const modelNames = readdirSync(path.join(media, 'models'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && /^(resnet|vgg)\d+-narrow$/u.test(entry.name))
  .map((entry) => entry.name);

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Rows of a CSV file without quoted fields, by the names in its first line. */
function readTable(file: string): Record<string, string>[] {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split(/\r?\n/u);
  const names = header.split(',');
  return lines.map((line) => {
    const fields = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, fields[i] ?? '']));
  });
}

function countBy(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

/** Name, dtype and shape of each tensor in a safetensors file. */
function readHeader(file: string): Record<string, { dtype: string; shape: number[] }> {
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8')) as Record<
    string,
    { dtype: string; shape: number[] }
  >;
  delete header['__metadata__'];
  return header;
}

interface ModelConfig {
  architecture: string;
  blocks?: number[];
  width?: number;
  numClasses: number;
  dtype: 'float16' | 'float32';
  parameters: number;
  sha256: string;
  classes: string[];
}

const readConfig = (name: string): ModelConfig =>
  JSON.parse(readFileSync(path.join(media, 'models', name, 'config.json'), 'utf8')) as ModelConfig;

describe('the data set emoji-10', () => {
  const index = readTable(path.join(dataSet, 'index.csv'));
  const splitOf = (row: Record<string, string>): string => row['file']?.split('/')[0] ?? '';

  it('has 20 training, 10 validation and 30 test pictures of each of its 10 classes', () => {
    const classes = [...new Set(index.map((row) => row['class'] ?? ''))];
    expect(classes).toHaveLength(10);
    const expected = Object.fromEntries(
      classes.flatMap((name) => [
        [`train/${name}`, 20],
        [`val/${name}`, 10],
        [`test/${name}`, 30],
      ]),
    );
    expect(countBy(index.map((row) => path.posix.dirname(row['file'] ?? '')))).toEqual(expected);
    expect(index.every((row) => row['file']?.split('/')[1] === row['class'])).toBe(true);
  });

  it('has exactly the files that its index names, unchanged', () => {
    const onDisk = ['train', 'val', 'test'].flatMap((split) =>
      readdirSync(path.join(dataSet, split), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.png'))
        .map((file) => path.posix.join(split, file.replaceAll(path.sep, '/'))),
    );
    expect(onDisk.sort()).toEqual(index.map((row) => row['file'] ?? '').sort());
    for (const row of index) {
      expect(sha256(readFileSync(path.join(dataSet, row['file'] ?? ''))), row['file']).toBe(row['sha256']);
    }
  });

  it('has pictures of 64 by 64 RGB pixels, no two of them alike', async () => {
    const seen = new Map<string, string>();
    for (const row of index) {
      const file = row['file'] ?? '';
      const { data, info } = await sharp(path.join(dataSet, file))
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect([info.width, info.height, info.channels], file).toEqual([64, 64, 3]);
      const content = sha256(data);
      expect(seen.get(content), `${file} shows the same as`).toBeUndefined();
      seen.set(content, file);
    }
  });

  it('tests on drawing styles that neither training nor validation has', () => {
    const stylesOf = (split: string): Set<string> =>
      new Set(index.filter((row) => splitOf(row) === split).map((row) => row['style'] ?? ''));
    expect([...stylesOf('train')].sort()).toEqual(['fluent', 'noto', 'noto-v1']);
    expect(stylesOf('val')).toEqual(stylesOf('train'));
    expect([...stylesOf('test')].sort()).toEqual(['emojione', 'twemoji']);
  });
});

describe('pretraining and the data set', () => {
  const seenInPretraining = readTable(path.join(media, 'models', 'pretraining-pictures.csv'));

  it('share no emoji, near-twins included', () => {
    type Group = Record<'classes' | 'relatives', Record<string, string>>;
    const heldOut = JSON.parse(readFileSync(path.join(here, 'held-out.json'), 'utf8')) as Record<
      'emoji-10' | 'scenes',
      Group
    >;
    const hidden = [heldOut['emoji-10'], heldOut.scenes].flatMap((group) => [
      ...Object.values(group.classes),
      ...Object.values(group.relatives),
    ]);
    const pretrained = new Set(seenInPretraining.map((row) => row['emoji']));
    expect(hidden.filter((emoji) => pretrained.has(emoji))).toEqual([]);
    const used = new Set(readTable(path.join(dataSet, 'index.csv')).map((row) => row['emoji']));
    expect([...used].sort()).toEqual(Object.values(heldOut['emoji-10'].classes).sort());
  });

  it('share no drawing by content', () => {
    const pretrained = new Set(seenInPretraining.map((row) => row['sha256At64']));
    const drawings = readTable(path.join(dataSet, 'drawings.csv'));
    // 10 classes in 3 training styles and 2 test styles.
    expect(drawings).toHaveLength(50);
    expect(drawings.filter((row) => pretrained.has(row['sha256At64']))).toEqual([]);
    expect(new Set(drawings.map((row) => row['sha256At64'])).size).toBe(50);
  });
});

describe.each(modelNames)('the embedded model %s', (name) => {
  const folder = path.join(media, 'models', name);
  const config = readConfig(name);

  it('has the hash that its config.json states', () => {
    expect(sha256(readFileSync(path.join(folder, 'model.safetensors')))).toBe(config.sha256);
  });

  it('has the stated tensors: one type, parameter count, a row of the head for each class', () => {
    const header = readHeader(path.join(folder, 'model.safetensors'));
    const dtype = { float16: 'F16', float32: 'F32' }[config.dtype];
    expect(new Set(Object.values(header).map((tensor) => tensor.dtype))).toEqual(new Set([dtype]));
    const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
    const parameters = Object.entries(header).filter(([tensor]) => !tensor.includes('running_'));
    expect(parameters.reduce((sum, [, tensor]) => sum + size(tensor.shape), 0)).toBe(config.parameters);
    const head = config.architecture === 'resnet' ? 'fc.weight' : 'classifier.6.weight';
    expect(header[head]?.shape[0]).toBe(config.numClasses);
    expect(config.classes).toHaveLength(config.numClasses);
  });

  it.runIf(config.architecture === 'resnet')('has the residual blocks that its config.json states', () => {
    const header = readHeader(path.join(folder, 'model.safetensors'));
    const blocks = [1, 2, 3, 4].map(
      (stage) =>
        Object.keys(header).filter((key) =>
          new RegExp(`^layer${stage}\\.\\d+\\.conv1\\.weight$`, 'u').test(key),
        ).length,
    );
    expect(blocks).toEqual(config.blocks);
    expect(header['conv1.weight']?.shape).toEqual([config.width, 3, 7, 7]);
  });

  it('was trained to tell apart exactly the emoji listed as seen in pretraining', () => {
    const seen = readTable(path.join(media, 'models', 'pretraining-pictures.csv')).map((row) => row['emoji']);
    expect([...new Set(seen)].sort()).toEqual([...config.classes].sort());
  });
});
