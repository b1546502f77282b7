import { mkdir, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RUN_FILES } from '../../protocol/run-files';
import { encodeRecord } from './journal-format';
import { createRunDirectory, readRunFile } from './run-directory';
import { readRun } from './run-reader';

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'transfer-lab-place-')));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it.each([
  ['a run', {}],
  ['a learning-rate range test', { rateTest: true }],
] as const)('%s is found with its file where their folder was moved to', async (_, kind) => {
  const before = join(folder, 'before');
  const file = join(before, 'experiment.ts');
  await mkdir(before);
  await writeFile(file, 'export const a = 1;');
  const { directory } = await createRunDirectory(
    { file, experiment: 'a', ...kind },
    { transferLab: '0', node: process.version },
  );
  const moved = join(folder, 'moved');
  await rename(before, moved);
  expect((await readRunFile(join(moved, relative(before, directory)))).file).toBe(
    join(moved, 'experiment.ts'),
  );
});

it('the pictures that a run names are found where its folder was moved to', async () => {
  const before = join(folder, 'before');
  const file = join(before, 'experiment.ts');
  await mkdir(before);
  await writeFile(file, 'export const a = 1;');
  const { directory } = await createRunDirectory(
    { file, experiment: 'a' },
    { transferLab: '0', node: process.version },
  );
  const picture = { file: join(before, 'data/cat/1.png'), label: 0, predicted: 1, probability: 1, loss: 1 };
  const event = { type: 'predictions', epoch: 1, items: [picture] } as const;
  await writeFile(join(directory, RUN_FILES.events), encodeRecord({ seq: 0, timeMs: 0, event }));
  const moved = join(folder, 'moved');
  await rename(before, moved);
  const { state } = await readRun(join(moved, relative(before, directory)));
  expect(state.predictions.map((one) => one.file)).toEqual([join(moved, 'data/cat/1.png')]);
});
