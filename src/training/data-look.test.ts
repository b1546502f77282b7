import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { imageCsv, imageFolder, resnet18 } from '../lab';
import { lookAtData } from './data-look';
import { problemOf } from './testing/problem-of';
import { tiny } from './testing/tiny-run';
import { useTinyWorkshop } from './testing/use-tiny-workshop';

const workshop = useTinyWorkshop();
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a look at the data of an experiment', () => {
  it('tells counts, samples and how pictures are prepared, and reads nothing again for the same settings', async () => {
    const seen: number[] = [];
    const onProgress = (done: number): unknown => seen.push(done);
    const look = await lookAtData('first', tiny(), workshop.folder, { onProgress });
    expect(look).toMatchObject({
      experiment: 'first',
      listedBy: 'folders',
      report: { split: 'given', duplicates: 0 },
      preparation: { imageSize: 32, resizedTo: 32, mean: [0.485, 0.456, 0.406] },
      assumptions: [],
    });
    // 7 + 3 + 3 pictures of each of three classes; two of those that measure stand for each split.
    expect(look?.samples.map((samples) => samples.length)).toEqual([11, 11, 11]);
    expect(seen.at(-1)).toBe(39);
    seen.length = 0;
    const unless = look?.key ?? '';
    expect(await lookAtData('first', tiny({ epochs: 9 }), workshop.folder, { unless, onProgress })).toBe(
      undefined,
    );
    expect(seen).toEqual([]);
    const data = imageFolder('data', { imageSize: 48, seed: 1 });
    expect(await lookAtData('first', tiny({ data }), workshop.folder, { unless })).toBeDefined();
  });

  it('reads a CSV list, and follows the configuration beside the weights', async () => {
    const folder = join(workshop.folder, 'own');
    mkdirSync(folder);
    copyFileSync(join(workshop.folder, 'tiny.safetensors'), join(folder, 'tiny.safetensors'));
    const config = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], crop_pct: 0.5 };
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    const rows = ['blue', 'red'].flatMap((name) =>
      Array.from({ length: 7 }, (_, index) => `data/train/${name}/${index}.png,${name}`),
    );
    writeFileSync(join(workshop.folder, 'list.csv'), ['path,label', ...rows].join('\n'));
    const look = await lookAtData(
      'listed',
      tiny({
        data: imageCsv('list.csv', { imageSize: 32, valFraction: 0.3, seed: 4 }),
        model: resnet18({ weights: './own/tiny.safetensors' }),
      }),
      workshop.folder,
    );
    // Three tenths of seven are two.
    expect(look).toMatchObject({
      listedBy: 'csv',
      draw: { valFraction: 0.3, seed: 4 },
      report: {
        split: 'drawn',
        classes: [
          { train: 5, val: 2 },
          { train: 5, val: 2 },
        ],
      },
      preparation: { resizedTo: 64, mean: [0.5, 0.5, 0.5] },
    });
  });

  it('assumes and says so where weights are not on this computer; opens no connection', async () => {
    vi.stubEnv('HF_HOME', join(workshop.folder, 'no-cache'));
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
    const model = resnet18({ weights: 'timm/resnet18.tv_in1k' });
    const look = await lookAtData('far', tiny({ model }), workshop.folder);
    expect(look?.assumptions.join()).toContain('timm/resnet18.tv_in1k are not on this computer yet');
  });

  it('says in words what cannot be read', async () => {
    const look = (path: string) =>
      problemOf(lookAtData('first', tiny({ data: imageFolder(path) }), workshop.folder));
    expect(await look('nowhere')).toBe('data-folder-missing');
    expect(await look('tiny.safetensors')).toBe('data-folder-unreadable');
    const model = resnet18({ weights: './nothing.safetensors' });
    expect(await problemOf(lookAtData('first', tiny({ model }), workshop.folder))).not.toBe('none');
  });
});
