import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../protocol/events';
import { RUNS_FOLDER } from '../protocol/run-files';
import type { Launcher } from './runs';
import { followRun, livenessOf, readRun, resumeRun, startComparison, startRun, stopRun } from './runs';
import { readControlFile } from './runs/control-file';
import { temporaryFolder } from './runs/testing/temporary-folder';
import { makePictures, makeWeights } from './testing/tiny-run';

/** The run process as it is shipped, with the real engine. */
const repository = join(import.meta.dirname, '../..');
const built = join(repository, 'out/test-support/main.cjs');
const external = ['onnxruntime-node', 'onnxruntime-common', 'sharp', 'esbuild'];

beforeAll(async () => {
  const entryPoints = [join(import.meta.dirname, 'main.ts')];
  await build({ entryPoints, outfile: built, bundle: true, platform: 'node', format: 'cjs', external });
});

const launcherOf = (mainScript: string): Launcher => ({
  node: { path: process.execPath, asElectron: false, version: process.version, origin: 'path' },
  mainScript,
  version: '0.0.0',
});
const launcher = launcherOf(built);

async function exercise(epochs: number, more = ''): Promise<string> {
  const folder = temporaryFolder();
  await makePictures(join(folder, 'data'));
  await makeWeights(join(folder, 'tiny.safetensors'));
  const file = join(folder, 'experiment.ts');
  fs.writeFileSync(
    file,
    `import { experiment, imageFolder, resnet18, strategies } from 'transfer-lab';
export const a = experiment({
  data: imageFolder('data', { imageSize: 32, seed: 1 }),
  model: resnet18({ weights: './tiny.safetensors' }),
  strategy: strategies.wholeModel(),
  epochs: ${epochs}, batchSize: 8, seed: 1,
});
${more}`,
  );
  return file;
}

async function eventsOf(directory: string): Promise<readonly RunEvent[]> {
  return (await readRun(directory)).records.map(({ event }) => event);
}
/** How its journal ended; its process is gone then. */
async function ended(directory: string, resuming = false): Promise<string> {
  const how = await followRun(directory, { onRecords: () => undefined }, { resuming }).ended;
  await until(async () => (await livenessOf(directory)) === 'gone');
  return how;
}
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}
/** Id 0 would mean the test's own group. */
function kill(directory: string): void {
  const pid = readControlFile(directory)?.pid;
  if (pid === undefined || pid <= 1) throw new Error(`${directory} names no process`);
  process.kill(pid, 'SIGKILL');
}
const losses = (events: readonly RunEvent[]): Map<number, number> =>
  new Map(events.flatMap((event) => (event.type === 'stepEnd' ? [[event.step, event.trainLoss]] : [])));
const bestWeights = (directory: string): Buffer => fs.readFileSync(join(directory, 'best/model.safetensors'));

describe('the shipped run process', () => {
  it('is shown as interrupted when killed, and resumes to the same losses and weights, bit for bit', async () => {
    const file = await exercise(20);
    const whole = await startRun({ file, experiment: 'a' }, launcher);
    expect(await ended(whole.directory)).toBe('over');

    const { directory } = await startRun({ file, experiment: 'a' }, launcher);
    await until(async () => losses(await eventsOf(directory)).size > 7);
    await stopRun(directory);
    expect(await ended(directory)).toBe('over');
    const stoppedAt = losses(await eventsOf(directory)).size;
    await resumeRun(directory, launcher);
    await until(async () => losses(await eventsOf(directory)).size > stoppedAt);
    kill(directory);
    expect(await ended(directory, true)).toBe('interrupted');
    await resumeRun(directory, launcher);
    expect(await ended(directory, true)).toBe('over');

    expect(losses(await eventsOf(directory))).toEqual(losses(await eventsOf(whole.directory)));
    expect(bestWeights(directory).equals(bestWeights(whole.directory))).toBe(true);
  });

  it('resumes where its folder has been moved to, to the same weights', async () => {
    const file = await exercise(6);
    const whole = await startRun({ file, experiment: 'a' }, launcher);
    expect(await ended(whole.directory)).toBe('over');
    const { directory, runId } = await startRun({ file, experiment: 'a' }, launcher);
    await until(async () => losses(await eventsOf(directory)).size > 3);
    await stopRun(directory);
    expect(await ended(directory)).toBe('over');

    const moved = join(temporaryFolder(), 'moved');
    fs.renameSync(dirname(file), moved);
    const there = join(moved, RUNS_FOLDER, runId);
    expect((await readRun(there)).run.file).toBe(join(moved, 'experiment.ts'));
    await resumeRun(there, launcher);
    expect(await ended(there, true)).toBe('over');
    expect((await eventsOf(there)).at(-1)).toMatchObject({ type: 'done', reason: 'finished' });
    const before = join(moved, RUNS_FOLDER, whole.runId);
    expect(bestWeights(there).equals(bestWeights(before))).toBe(true);
  });

  it('runs a file with a type error, which is no error of running', async () => {
    const file = await exercise(1, "export const wrong: number = 'text';\n");
    const { directory } = await startRun({ file, experiment: 'a' }, launcher);
    expect(await ended(directory)).toBe('over');
    expect((await eventsOf(directory)).at(-1)).toMatchObject({ type: 'done', reason: 'finished' });
  });

  it('trains without the native library, slowly, and says so once in each run', async () => {
    const file = await exercise(1);
    const installation = withoutNativeLibrary();
    const { runs } = await startComparison(
      { file, experiment: 'a' },
      ['feature-extraction', 'last-stage'],
      launcherOf(installation),
    );
    for (const { directory } of runs) {
      await ended(directory);
      const events = await eventsOf(directory);
      // The tiny data set has warnings of its own.
      const warnings = events.filter(
        (event) => event.type === 'warning' && !event.problem.code.startsWith('data-'),
      ) as Extract<RunEvent, { type: 'warning' }>[];
      expect(warnings.map(({ problem }) => problem)).toMatchObject([
        {
          code: 'device-refused',
          message: `ONNX Runtime's library for ${process.platform} ${process.arch} is not installed.`,
        },
      ]);
      const prepared = events.find(({ type }) => type === 'prepared');
      expect(prepared).toMatchObject({ device: expect.stringMatching(/^Plain JavaScript/) as unknown });
      expect(events.at(-1)).toMatchObject({ type: 'done', reason: 'finished' });
    }
  });
});

/** An installation like ours whose onnxruntime-node is not there. @returns its main script */
function withoutNativeLibrary(): string {
  const root = temporaryFolder();
  fs.copyFileSync(join(repository, 'package.json'), join(root, 'package.json'));
  fs.mkdirSync(join(root, 'dist'));
  fs.mkdirSync(join(root, 'node_modules'));
  for (const name of external.filter((one) => one !== 'onnxruntime-node'))
    fs.symlinkSync(join(repository, 'node_modules', name), join(root, 'node_modules', name), 'junction');
  const main = join(root, 'dist/main.js');
  fs.copyFileSync(built, main);
  const found = spawnSync(process.execPath, ['-e', "require('onnxruntime-node')"], { cwd: root });
  if (found.status === 0) throw new Error(`onnxruntime-node can be loaded from ${root}`);
  return main;
}
