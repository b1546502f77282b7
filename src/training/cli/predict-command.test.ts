import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../runs/testing/temporary-folder';
import { buildPrograms, makeInstallation } from '../testing/installation';
import { makePictures, makeWeights } from '../testing/tiny-run';

beforeAll(buildPrograms);

interface Said {
  readonly ok: boolean;
  readonly directory: string;
  readonly heatMap: string;
  readonly classes: readonly { readonly name: string; readonly probability: number }[];
  readonly problem: { readonly code: string };
}

it('transfer-lab predict prints the surest classes, writes the heat map, and says what is wrong', async () => {
  const folder = temporaryFolder();
  await makePictures(join(folder, 'data'));
  await makeWeights(join(folder, 'tiny.safetensors'));
  fs.writeFileSync(
    join(folder, 'experiment.ts'),
    `import { experiment, imageFolder, resnet18, strategies } from 'transfer-lab';
export const a = experiment({
  data: imageFolder('data', { imageSize: 32, seed: 1 }),
  model: resnet18({ weights: './tiny.safetensors' }),
  strategy: strategies.wholeModel({ learningRate: 3e-3 }), epochs: 6, batchSize: 8, seed: 1,
});
`,
  );
  const cli = join(makeInstallation(), 'dist/cli.js');
  const call = (...args: string[]) =>
    spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8', cwd: folder });
  const json = (...args: string[]): Said =>
    JSON.parse(
      call(...args, '--json')
        .stdout.trim()
        .split('\n')
        .at(-1) ?? '',
    ) as Said;
  const { directory } = json('run', 'experiment.ts');

  // The pictures of this class are bright in blue.
  const picture = 'data/test/blue/0.png';
  const { classes, heatMap } = json('predict', directory, picture, '--heat-map', 'where.png');
  expect(classes.map(({ name }) => name).sort()).toEqual(['blue', 'green', 'red']);
  expect(classes[0]?.name).toBe('blue');
  expect(classes.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
  expect(fs.realpathSync(heatMap)).toBe(fs.realpathSync(join(folder, 'where.png')));
  const { width, height } = await sharp(heatMap).metadata();
  expect([width, height]).toEqual([448, 448]); // 14 times 32

  const told = call('predict', directory, picture, '--heat-map', 'where.png', '--layer', 'layer2').stdout;
  expect(told).toContain('What the best weights of a say:');
  expect(told).toMatch(
    /class +probability\nblue +\d+\.\d %\n(green|red) +\d+\.\d %\n(green|red) +\d+\.\d %\n/,
  );
  expect(told).toContain('From 32 x 32 pixels');
  expect(told).toContain('read at layer2, a grid of 4 x 4 cells');

  expect(json('predict', directory, 'experiment.ts').problem.code).toBe('picture-unusable');
  expect(json('predict', folder, picture).problem.code).toBe('not-a-run');
  expect(json('predict', directory, picture, '--heat-map', 'no/where.png').problem.code).toBe(
    'heat-map-not-written',
  );
  const failed = call('predict', directory, 'nothing.png');
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain('nothing.png cannot be opened');
});
