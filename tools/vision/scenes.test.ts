import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  countBy,
  expectDifferentPictures,
  heldOut,
  media,
  picturesIn,
  readPretrainingPictures,
  readTable,
  sha256,
} from './media-files';

/** COCO's form; `bbox` is [x, y, width, height], `counts` runs down the columns and begins with zeros. */
interface Coco {
  readonly categories: readonly { readonly id: number; readonly name: string }[];
  readonly images: readonly {
    readonly id: number;
    readonly file_name: string;
    readonly width: number;
    readonly height: number;
    readonly sha256: string;
  }[];
  readonly annotations: readonly {
    readonly id: number;
    readonly image_id: number;
    readonly category_id: number;
    readonly bbox: readonly [number, number, number, number];
    readonly area: number;
    readonly style: string;
    readonly segmentation: { readonly size: readonly [number, number]; readonly counts: readonly number[] };
  }[];
}

const dataSet = path.join(media, 'data', 'scenes');
const readSplit = (split: string): Coco =>
  JSON.parse(readFileSync(path.join(dataSet, `${split}.json`), 'utf8')) as Coco;
const splits = { train: readSplit('train'), val: readSplit('val'), test: readSplit('test') };
const sizes = { train: 360, val: 80, test: 160 };

/** Area, and the smallest box around the pixels, of a run-length mask. */
function measureMask(counts: readonly number[], height: number): { area: number; box: number[] } {
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1];
  let area = 0;
  let position = 0;
  for (const [run, length] of counts.entries()) {
    if (run % 2 === 1) {
      area += length;
      for (let pixel = position; pixel < position + length; pixel++) {
        const [x, y] = [Math.floor(pixel / height), pixel % height];
        [left, top, right, bottom] = [
          Math.min(left, x),
          Math.min(top, y),
          Math.max(right, x),
          Math.max(bottom, y),
        ];
      }
    }
    position += length;
  }
  return { area, box: [left, top, right + 1 - left, bottom + 1 - top] };
}

describe.each(Object.entries(splits))('the split %s of scenes', (name, coco) => {
  const objectsOf = (image: number): Coco['annotations'] =>
    coco.annotations.filter((annotation) => annotation.image_id === image);

  it('has exactly the pictures that its annotations name, unchanged', () => {
    expect(coco.images).toHaveLength(sizes[name as keyof typeof sizes]);
    const onDisk = picturesIn(dataSet).filter((file) => file.startsWith(`${name}/`));
    expect(coco.images.map((image) => image.file_name)).toEqual(onDisk);
    for (const image of coco.images)
      expect(sha256(readFileSync(path.join(dataSet, image.file_name))), image.file_name).toBe(image.sha256);
  });

  it('has one to five objects in a picture, each number as often as any other', () => {
    const counts = countBy(coco.images.map((image) => `${objectsOf(image.id).length}`));
    const each = coco.images.length / 5;
    expect(counts).toEqual({ 1: each, 2: each, 3: each, 4: each, 5: each });
  });

  it('has boxes that are inside the picture and as tight as the visible pixels allow', () => {
    for (const { id, bbox, area, segmentation } of coco.annotations) {
      const [x, y, width, height] = bbox;
      const label = `annotation ${id}`;
      expect(x >= 0 && y >= 0 && x + width <= 96 && y + height <= 96, label).toBe(true);
      expect(segmentation.size, label).toEqual([96, 96]);
      expect(
        segmentation.counts.reduce((sum, length) => sum + length, 0),
        label,
      ).toBe(96 * 96);
      expect(measureMask(segmentation.counts, 96), label).toEqual({ area, box: bbox });
    }
  });

  it('names the main object first: its box is at least 1.4 times as large as any other', () => {
    for (const image of coco.images) {
      const [main = 0, ...others] = objectsOf(image.id).map(({ bbox }) => bbox[2] * bbox[3]);
      expect(main, image.file_name).toBeGreaterThanOrEqual(1.4 * Math.max(0, ...others));
    }
  });

  it('has every class as often as any other, as main object and in all, but for the last round', () => {
    const firsts = coco.images.flatMap((image) => objectsOf(image.id).slice(0, 1));
    for (const objects of [firsts, coco.annotations]) {
      const counts = Object.values(countBy(objects.map((object) => `${object.category_id}`)));
      expect(counts).toHaveLength(8);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
    }
  });

  it('is drawn in the styles of its side of the split', () => {
    const styles = new Set(coco.annotations.map((annotation) => annotation.style));
    const expected = name === 'test' ? ['emojione', 'twemoji'] : ['fluent', 'noto', 'noto-v1'];
    expect([...styles].sort()).toEqual(expected);
  });
});

describe('the data set scenes', () => {
  it('has pictures of 96 by 96 RGB pixels, no two of them alike', async () => {
    await expectDifferentPictures(dataSet, picturesIn(dataSet), [96, 96, 3]);
  });

  it('has the same eight classes in every split, those that were held out for it', () => {
    for (const { categories } of Object.values(splits)) {
      expect(categories.map((category) => category.name)).toEqual(Object.keys(heldOut.scenes.classes).sort());
    }
  });

  it('shows no drawing that pretraining saw, by emoji and by content', () => {
    const drawings = readTable(path.join(dataSet, 'drawings.csv'));
    // 8 classes in 3 training styles and 2 test styles.
    expect(drawings).toHaveLength(40);
    expect(new Set(drawings.map((row) => row['sha256At64'])).size).toBe(40);
    const pretrained = readPretrainingPictures();
    const emoji = new Set(pretrained.map((row) => row['emoji']));
    const contents = new Set(pretrained.map((row) => row['sha256At64']));
    expect(drawings.filter((row) => emoji.has(row['emoji']) || contents.has(row['sha256At64']))).toEqual([]);
  });
});
