import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  countBy,
  expectDifferentPictures,
  expectIndexedPictures,
  heldOut,
  media,
  readHeader,
  readPretrainingPictures,
  readTable,
  sha256,
} from './media-files';

const dataSet = path.join(media, 'data', 'emoji-10');
const modelNames = readdirSync(path.join(media, 'models'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && /^(resnet|vgg)\d+-narrow$/u.test(entry.name))
  .map((entry) => entry.name);

interface ModelConfig {
  architecture: string;
  blocks?: number[];
  width?: number;
  classifierWidth?: number;
  poolSize?: number;
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
    expectIndexedPictures(dataSet, index);
  });

  it('has pictures of 64 by 64 RGB pixels, no two of them alike', async () => {
    const files = index.map((row) => row['file'] ?? '');
    await expectDifferentPictures(dataSet, files, [64, 64, 3]);
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
  const seenInPretraining = readPretrainingPictures();

  it('share no emoji, near-twins included', () => {
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

  if (config.architecture === 'resnet') {
    it('has the residual blocks that its config.json states', () => {
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
  } else {
    it('has the convolutions and the classifier that its config.json states', () => {
      const header = readHeader(path.join(folder, 'model.safetensors'));
      const { width = 0, classifierWidth = 0, poolSize = 0 } = config;
      // torchvision's vgg11_bn: places of the convolutions in `features`, and channels in multiples of the width.
      const stages = { 0: 1, 4: 2, 8: 4, 11: 4, 15: 8, 18: 8, 22: 8, 25: 8 };
      let inputs = 3;
      for (const [place, multiple] of Object.entries(stages)) {
        expect(header[`features.${place}.weight`]?.shape).toEqual([multiple * width, inputs, 3, 3]);
        expect(header[`features.${Number(place) + 1}.running_var`]?.shape).toEqual([multiple * width]);
        inputs = multiple * width;
      }
      const classifier = ['0', '3', '6'].map((place) => header[`classifier.${place}.weight`]?.shape);
      expect(classifier).toEqual([
        [classifierWidth, 8 * width * poolSize ** 2],
        [classifierWidth, classifierWidth],
        [config.numClasses, classifierWidth],
      ]);
    });
  }

  it('was trained to tell apart exactly the emoji listed as seen in pretraining', () => {
    const seen = readPretrainingPictures().map((row) => row['emoji']);
    expect([...new Set(seen)].sort()).toEqual([...config.classes].sort());
  });
});
