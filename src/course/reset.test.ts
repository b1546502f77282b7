import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExerciseFile } from '../protocol/exercise';
import { newProgress, readProgress, writeProgress } from './progress';
import { listAttempts, resetExercise, restoreAttempt } from './reset';

let scratch: string;
let folder: string;
const exercise: ExerciseFile = {
  id: '01-a',
  number: 1,
  title: 'A',
  summary: '',
  minutes: 1,
  folder: 'a',
  entry: 'experiment.ts',
  data: [],
  tasks: [],
};

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'transfer-lab-reset-'));
  folder = join(scratch, 'learner');
  const starter = join(scratch, 'exercises', '01-a', 'starter');
  await mkdir(starter, { recursive: true });
  await writeFile(join(starter, 'experiment.ts'), 'starter');
  await mkdir(join(folder, 'own'), { recursive: true });
  await mkdir(join(folder, 'data'));
  await put({ 'experiment.ts': 'mine', 'own/notes.md': 'notes', 'data/a.png': 'picture' });
  await writeProgress(folder, { ...newProgress('01-a'), state: 'passed', hintsShown: { t: 2 } });
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

async function put(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}
const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

describe('reset', () => {
  it('puts the starter back and keeps every file of the learner, in sub-folders too', async () => {
    const attempt = await resetExercise(scratch, exercise, folder);
    expect(await read('experiment.ts')).toBe('starter');
    expect(await readFile(join(attempt.folder, 'experiment.ts'), 'utf8')).toBe('mine');
    expect(await readFile(join(attempt.folder, 'own', 'notes.md'), 'utf8')).toBe('notes');
    expect(await read('own/notes.md')).toBe('notes');
    expect((await readdir(attempt.folder)).sort()).toEqual(['experiment.ts', 'own']);
  });

  it('leaves data, progress and hints as they are', async () => {
    await resetExercise(scratch, exercise, folder);
    expect(await read('data/a.png')).toBe('picture');
    expect(await readProgress(folder)).toMatchObject({ state: 'passed', hintsShown: { t: 2 } });
  });

  it('loses nothing when it runs many times in the same second', async () => {
    const attempts = [];
    for (let time = 0; time < 5; time++) {
      await put({ 'experiment.ts': `attempt ${time}` });
      attempts.push(await resetExercise(scratch, exercise, folder));
    }
    const kept = await Promise.all(
      attempts.map((one) => readFile(join(one.folder, 'experiment.ts'), 'utf8')),
    );
    expect(kept).toEqual(['attempt 0', 'attempt 1', 'attempt 2', 'attempt 3', 'attempt 4']);
    expect((await listAttempts(folder)).map((one) => one.folder)).toEqual(
      attempts.map((one) => one.folder).reverse(),
    );
  });
});

describe('bring back my attempt', () => {
  it('brings the newest back and keeps what was there', async () => {
    await resetExercise(scratch, exercise, folder);
    await put({ 'experiment.ts': 'second try' });
    const { saved } = await restoreAttempt(folder);
    expect(await read('experiment.ts')).toBe('mine');
    expect(await readFile(join(saved.folder, 'experiment.ts'), 'utf8')).toBe('second try');
    await restoreAttempt(folder);
    expect(await read('experiment.ts')).toBe('second try');
  });

  it('says so when there is none', async () => {
    await expect(restoreAttempt(folder)).rejects.toMatchObject({ problem: { code: 'no-attempt' } });
  });
});
