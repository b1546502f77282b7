import { cp, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LearnerError } from '../protocol/errors';
import type { ExerciseFile } from '../protocol/exercise';
import { builtTypesFolder, dataFolder, exerciseFolder, starterFolder, typesFolder } from './paths';
import { newProgress, writeProgress } from './progress';

export interface Scaffolded {
  readonly folder: string;
  /** Absolute paths to open side by side. */
  readonly readme: string;
  readonly entry: string;
}

/**
 * Puts an exercise into a new folder: instructions, starter code, data, and the declarations that completion and hover need.
 * @param target must not exist, or be empty: an existing folder is never written to
 * @throws {LearnerError} 'folder-exists'
 */
export async function scaffold(root: string, exercise: ExerciseFile, target: string): Promise<Scaffolded> {
  const folder = resolve(target);
  if (!(await isFree(folder))) {
    throw new LearnerError({
      code: 'folder-exists',
      message: `${folder} exists already and is not empty.`,
      remedy: `Choose another name, for example ${await freeFolder(folder)}.`,
    });
  }
  await mkdir(folder, { recursive: true });
  await cp(starterFolder(root, exercise.id), folder, { recursive: true });
  await cp(join(exerciseFolder(root, exercise.id), 'README.md'), join(folder, 'README.md'));
  const images = join(exerciseFolder(root, exercise.id), 'images');
  if (await exists(images)) await cp(images, join(folder, 'images'), { recursive: true });
  for (const name of exercise.data) {
    await cp(dataFolder(root, name), join(folder, 'data', name), { recursive: true });
  }
  await refreshTypes(root, folder);
  await writeProgress(folder, newProgress(exercise.id));
  return { folder, readme: join(folder, 'README.md'), entry: join(folder, exercise.entry) };
}

/**
 * Copies the declarations of 'transfer-lab' and TensorFlow.js into the folder, so that the editor resolves them wherever the
 * folder is moved. Called again when a folder is opened with another version than wrote it.
 * @returns whether anything was copied
 */
export async function refreshTypes(root: string, folder: string): Promise<boolean> {
  const source = builtTypesFolder(root);
  const target = typesFolder(folder);
  const [wanted, present] = await Promise.all([versionOf(source), versionOf(target)]);
  if (wanted !== undefined && wanted === present) return false;
  await rm(target, { recursive: true, force: true });
  await cp(source, target, { recursive: true });
  return true;
}

/** The first of `path`, `path-2`, `path-3` … that does not exist or is empty. */
export async function freeFolder(path: string): Promise<string> {
  if (await isFree(path)) return path;
  for (let number = 2; ; number++) {
    const candidate = `${path}-${number}`;
    if (await isFree(candidate)) return candidate;
  }
}

async function isFree(path: string): Promise<boolean> {
  try {
    return (await readdir(path)).length === 0;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (code === 'ENOTDIR') return false;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The build writes a fingerprint of all declarations beside them. */
async function versionOf(types: string): Promise<string | undefined> {
  return readFile(join(types, 'version.txt'), 'utf8').catch(() => undefined);
}
