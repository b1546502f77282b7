import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LearnerError } from '../../protocol/errors';
import { findExperiments } from '../runs';

/** What an experiment's file is called where a folder is given. */
export const EXPERIMENT_NAMES: readonly string[] = [
  'experiment.ts',
  'experiment.js',
  'experiment.mts',
  'experiment.mjs',
];

export interface Target {
  readonly file: string;
  readonly experiment: string;
}

/** The experiment that a folder or file and perhaps a name mean. */
export async function findTarget(path: string, name: string | undefined): Promise<Target> {
  const file = await findFile(resolve(path));
  if (name !== undefined) return { file, experiment: name };
  const names = findExperiments(await readFile(file, 'utf8')).map((place) => place.name);
  const [only] = names;
  if (names.length === 1 && only !== undefined) return { file, experiment: only };
  throw new LearnerError({
    code: names.length === 0 ? 'experiment-not-found' : 'experiment-ambiguous',
    message:
      names.length === 0
        ? `${file} exports no experiment that can be seen in its text.`
        : `${file} exports ${names.length} experiments: ${names.join(', ')}.`,
    remedy:
      names.length === 0
        ? 'Export one (export const first = experiment({ … })), or name it with --experiment.'
        : `Choose one: --experiment ${names[0] ?? ''}`,
  });
}

/** The experiment that a comparison starts from: the named one, else the last of the file. */
export async function findComparisonTarget(path: string, name: string | undefined): Promise<Target> {
  const file = await findFile(resolve(path));
  const last = findExperiments(await readFile(file, 'utf8')).at(-1)?.name;
  return name === undefined && last !== undefined ? { file, experiment: last } : findTarget(path, name);
}

async function findFile(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return path;
  if (found?.isDirectory()) {
    const names = await readdir(path);
    const file = EXPERIMENT_NAMES.find((one) => names.includes(one));
    if (file !== undefined) return join(path, file);
  }
  throw new LearnerError({
    code: 'file-not-found',
    message: found ? `${path} holds no experiment.ts or experiment.js.` : `There is no ${path}.`,
    remedy: 'Give the folder of an exercise, or the path of an experiment file.',
  });
}
