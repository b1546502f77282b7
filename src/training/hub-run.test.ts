/** Runs whose network comes from a Hub: the shipped programs, and a fake Hub on this computer. */
import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RUN_FILES } from '../protocol/run-files';
import type { RunState } from '../protocol/run-state';
import { followRun, livenessOf, readRun, resumeRuns, startComparison, startRun, stopRun } from './runs';
import type { Launcher, RunPlace } from './runs';
import { temporaryFolder } from './runs/testing/temporary-folder';
import { buildPrograms, makeInstallation } from './testing/installation';
import { makePictures, makeWeights } from './testing/tiny-run';
import { DOWNLOAD_ALLOWED } from './weights/hub/allowed';
import { fakeHub, type FakeHub } from './weights/hub/testing/fake-hub';

/** For an answer; on a busy computer a process is not at once at work. */
const PATIENCE_MS = 120_000;
const TOKEN = 'hf_canaryOfThisTest';
/** As timm writes it; unlike what is assumed where nothing is said. */
const TIMM = {
  architecture: 'resnet18',
  pretrained_cfg: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], interpolation: 'bicubic', crop_pct: 0.5 },
};

describe('a run with the weights of a repository', () => {
  let hub: FakeHub;
  let folder: string;
  let file: string;
  let env: Record<string, string>;
  let mainScript: string;
  beforeAll(buildPrograms);
  beforeEach(async () => {
    folder = temporaryFolder();
    await makePictures(join(folder, 'data'));
    await makeWeights(join(folder, 'tiny.safetensors'));
    hub = await fakeHub({
      'model.safetensors': fs.readFileSync(join(folder, 'tiny.safetensors')),
      'config.json': Buffer.from(JSON.stringify(TIMM)),
    });
    env = { HF_HOME: join(folder, 'cache'), HF_ENDPOINT: hub.endpoint, HF_TOKEN: TOKEN };
    mainScript = join(makeInstallation(), 'dist/main.js');
    file = join(folder, 'experiment.ts');
    fs.writeFileSync(
      file,
      `import { experiment, imageFolder, resnet18, strategies } from 'transfer-lab';
console.log('environment', JSON.stringify(process.env));
export const a = experiment({
  data: imageFolder('data', { imageSize: 32, seed: 1 }),
  model: resnet18({ weights: 'tiny/resnet18' }),
  strategy: strategies.wholeModel(), epochs: 2, batchSize: 8, seed: 1,
});
`,
    );
  });
  afterEach(() => hub.close());

  const launcher = (allowed: boolean): Launcher => ({
    node: { path: process.execPath, asElectron: false, version: process.version, origin: 'path' },
    mainScript,
    version: '0.0.0',
    env: { ...env, ...(allowed ? { [DOWNLOAD_ALLOWED]: '1' } : {}) },
  });
  const start = (allowed: boolean): Promise<RunPlace> =>
    startRun({ file, experiment: 'a' }, launcher(allowed));
  async function ended(directory: string, resuming = false): Promise<RunState> {
    await followRun(directory, { onRecords: () => undefined }, { resuming }).ended;
    while ((await livenessOf(directory)) !== 'gone') await sleep(20);
    return (await readRun(directory)).state;
  }
  /** Everything that was written below the folder, but for pictures and weights. */
  const written = (below: string): string =>
    fs
      .readdirSync(below, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(png|safetensors)$/.test(entry.name))
      .map((entry) => fs.readFileSync(join(entry.parentPath, entry.name), 'latin1'))
      .join('\n');

  it('says that nothing was downloaded, then downloads in the same directory once that is allowed, and says how pictures are prepared', async () => {
    const { directory } = await start(false);
    const asked = await ended(directory);
    expect(asked.problem?.code).toBe('download-needed');
    expect(asked.problem?.message).toContain('nothing was downloaded');
    expect(hub.asked.filter(({ path }) => !path.startsWith('/api/'))).toEqual([]);

    await resumeRuns([directory], launcher(true));
    const done = await ended(directory, true);
    expect(done.problem).toBeUndefined();
    expect(done.status).toBe('finished');
    // 32 px after a crop of half: 64 px before it.
    expect(done.model?.preprocessing).toContain('its shorter side has 64 pixels (bicubic');
    expect(done.model?.preprocessing).toContain('the mean 0.5, 0.5, 0.5 is subtracted');
    expect(done.model?.preprocessing).toContain('tiny/resnet18@c0ffee0');
    const { records } = await readRun(directory);
    const downloads = records.flatMap(({ event }) =>
      event.type === 'preparing' && event.phase === 'downloadingWeights' ? [event] : [],
    );
    expect(downloads.at(-1)).toMatchObject({ done: downloads[0]?.total, total: downloads[0]?.total });
  });

  it('leaves no trace of the token in its folder, and the experiment’s own code does not see it', async () => {
    hub.onInfo = (request, response, serve) =>
      request.headers.authorization === `Bearer ${TOKEN}` ? serve() : void response.writeHead(401).end();
    const { directory } = await start(true);
    expect((await ended(directory)).status).toBe('finished');
    hub.onInfo = (_, response) => void response.writeHead(403, { 'x-error-message': 'gated' }).end();
    env['HF_HOME'] = join(folder, 'another-cache');
    const refused = await ended((await start(true)).directory);
    expect(refused.problem?.code).toBe('hub-forbidden');
    const all = written(folder);
    expect(fs.readFileSync(join(directory, RUN_FILES.output), 'utf8')).toContain('"HF_HOME"');
    expect(all).toContain('gated');
    expect(all).not.toContain(TOKEN);
  });

  it('is stopped in the middle of a download, keeps what has come, and goes on from there', async () => {
    const bytes = hub.files.get('model.safetensors') ?? Buffer.alloc(0);
    const half = Math.floor(bytes.length / 2);
    hub.onStorage = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length, etag: hub.etag });
      response.write(bytes.subarray(0, half)); // and no more
    };
    const { directory } = await start(true);
    const isHalf = async (): Promise<boolean> => ((await readRun(directory)).state.phase?.done ?? 0) >= half;
    while (!(await isHalf())) await sleep(20);
    expect(await stopRun(directory, PATIENCE_MS)).toBe('stopping');
    const stopped = await ended(directory);
    expect(stopped.status).toBe('stopped');
    expect(stopped.problem).toBeUndefined();

    delete hub.onStorage;
    hub.asked.length = 0;
    await resumeRuns([directory], launcher(true));
    expect((await ended(directory, true)).status).toBe('finished');
    expect(hub.asked.filter(({ port }) => port === 'storage').map(({ range }) => range)).toEqual([
      `bytes=${half}-`,
    ]);
  });

  it('of a comparison downloads once for all strategies', async () => {
    const { runs } = await startComparison(
      { file, experiment: 'a' },
      ['feature-extraction', 'whole-network'],
      launcher(false),
    );
    for (const { directory } of runs) expect((await ended(directory)).problem?.code).toBe('download-needed');
    hub.asked.length = 0;
    await resumeRuns(
      runs.map(({ directory }) => directory),
      launcher(true),
    );
    for (const { directory } of runs) expect((await ended(directory, true)).status).toBe('finished');
    expect(hub.asked.filter(({ port }) => port === 'storage')).toHaveLength(1);
  });
});
