import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../runs/testing/temporary-folder';
import { makePictures, makeWeights } from '../testing/tiny-run';
import { DOWNLOAD_ALLOWED } from '../weights/hub/allowed';
import { fakeHub, type FakeHub } from '../weights/hub/testing/fake-hub';
import { Workshop } from './workshop';

describe('a check of an experiment whose weights are in a repository', () => {
  let hub: FakeHub;
  let file: string;
  beforeEach(async () => {
    const folder = temporaryFolder();
    await makePictures(join(folder, 'data'));
    await makeWeights(join(folder, 'tiny.safetensors'));
    hub = await fakeHub({ 'model.safetensors': await readFile(join(folder, 'tiny.safetensors')) });
    vi.stubEnv('HF_HOME', join(folder, 'cache'));
    vi.stubEnv('HF_ENDPOINT', hub.endpoint);
    file = join(folder, 'experiment.ts');
    await writeFile(
      file,
      `import { experiment, imageFolder, resnet18, strategies } from 'transfer-lab';
export const a = experiment({
  data: imageFolder('data', { imageSize: 32, seed: 1 }),
  model: resnet18({ weights: 'tiny/resnet18' }),
  strategy: strategies.featureExtraction(), epochs: 1, batchSize: 8, seed: 1,
});
`,
    );
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await hub.close();
  });

  it('needs leave to download them, says how far that is, and then has them', async () => {
    const told: string[] = [];
    const workshop = new Workshop({ progress: (text) => void told.push(text) });
    expect(await workshop.load(file)).toHaveProperty('value');
    expect(await workshop.probe('a', 2)).toMatchObject({ problem: { code: 'download-needed' } });
    expect(told).toEqual([]);

    vi.stubEnv(DOWNLOAD_ALLOWED, '1');
    expect(await workshop.probe('a', 2)).toMatchObject({ value: { leakedTensors: 0 } });
    expect(told[0]).toMatch(/^downloading the weights, \d\.\d of \d\.\d MB$/);
    expect(told.at(-1)).toBe('a: a few steps of training');
    await workshop.probe('a', 2);
    expect(hub.asked.filter(({ port }) => port === 'storage')).toHaveLength(1);
  });
});
