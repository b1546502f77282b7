import { randomInt } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { LearnerError } from '../../protocol/errors';
import { RATE_TESTS_FOLDER, RUN_FILES, RUNS_FOLDER } from '../../protocol/run-files';
import type { RunFile, StrategyId } from '../../protocol/run-files';
import { errorCode, realFiles, renamePatiently, syncFolder, writeDurably } from './files';
import { lineOfExperiment } from './find-experiments';
import { moveOf, nameOf } from './moved-run';
import type { Move } from './moved-run';

/** What to run. */
export interface RunRequest {
  /** Absolute path of the learner's file. */
  readonly file: string;
  /** Name of the exported experiment. */
  readonly experiment: string;
  /** Replaces the experiment's own strategy. */
  readonly strategy?: StrategyId;
  readonly comparisonId?: string;
  /** A learning-rate range test instead of training. */
  readonly rateTest?: true;
}

export interface RunPlace {
  readonly runId: string;
  /** Absolute path of the run directory. */
  readonly directory: string;
}

const runFileSchema = z.object({
  version: z.literal(1),
  runId: z.string(),
  createdAt: z.string(),
  file: z.string(),
  experiment: z.string(),
  line: z.number(),
  strategy: z.string().optional(),
  comparisonId: z.string().optional(),
  source: z.string(),
  versions: z.object({ transferLab: z.string(), node: z.string() }),
});

/** Makes a run directory beside the learner's file and writes run.json. Starts nothing. */
export async function createRunDirectory(
  request: RunRequest,
  versions: RunFile['versions'],
  now = new Date(),
): Promise<RunPlace> {
  const file = resolve(request.file);
  const source = await readSource(file);
  const runs = join(dirname(file), request.rateTest ? RATE_TESTS_FOLDER : RUNS_FOLDER);
  await mkdir(runs, { recursive: true });
  for (;;) {
    const runId = newRunId(request, now);
    const directory = join(runs, runId);
    try {
      await mkdir(directory);
    } catch (error) {
      if (errorCode(error) === 'EEXIST') continue;
      throw error;
    }
    const run: RunFile = {
      version: 1,
      runId,
      createdAt: now.toISOString(),
      file,
      experiment: request.experiment,
      line: lineOfExperiment(source, request.experiment),
      ...(request.strategy === undefined ? {} : { strategy: request.strategy }),
      ...(request.comparisonId === undefined ? {} : { comparisonId: request.comparisonId }),
      source,
      versions,
    };
    const temporary = join(directory, `${RUN_FILES.run}.tmp`);
    writeDurably(realFiles, temporary, Buffer.from(`${JSON.stringify(run, null, 2)}\n`));
    renamePatiently(realFiles, temporary, join(directory, RUN_FILES.run));
    syncFolder(realFiles, directory);
    return { runId, directory };
  }
}

/**
 * What was asked for, with the learner's file where it is now: a run directory lies below the folder of its file, so both
 * are found again when somebody has moved or copied that folder.
 * @throws {LearnerError} 'not-a-run'
 */
export async function readRunFile(directory: string): Promise<RunFile> {
  return (await readPlacedRun(directory)).run;
}

/**
 * The same, with what has to be followed in its journal.
 * @throws {LearnerError} 'not-a-run'
 */
export async function readPlacedRun(
  directory: string,
): Promise<{ readonly run: RunFile; readonly move: Move | undefined }> {
  const path = join(directory, RUN_FILES.run);
  try {
    const run = runFileSchema.parse(JSON.parse(await readFile(path, 'utf8'))) as RunFile;
    const runs = dirname(resolve(directory));
    const folder = dirname(dirname(runs));
    const isOurs = [RUNS_FOLDER, RATE_TESTS_FOLDER].some((name) => join(folder, name) === runs);
    if (!isOurs) return { run, move: undefined };
    const file = join(folder, nameOf(run.file));
    return { run: { ...run, file }, move: moveOf(run.file, file) };
  } catch (error) {
    throw new LearnerError(
      {
        code: 'not-a-run',
        message: `${directory} is not the folder of a run: its ${RUN_FILES.run} cannot be read.`,
        remedy: 'Give a folder below .transfer-lab/runs that holds a run.json.',
      },
      { cause: error },
    );
  }
}

/** Run directories below a learner's folder, newest first. Folders without a run.json are left out. */
export async function listRunDirectories(folder: string): Promise<string[]> {
  const runs = join(folder, RUNS_FOLDER);
  let names: string[];
  try {
    names = await readdir(runs);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return [];
    throw error;
  }
  return names
    .filter((name) => /^\d{8}-\d{6}-/.test(name))
    .sort()
    .reverse()
    .map((name) => join(runs, name));
}

/** `20261124-093015-wholeNetwork-kfqz`, in local time: sorts by age. */
function newRunId({ experiment, strategy }: RunRequest, now: Date): string {
  const pad = (value: number): string => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}${pad(now.getMonth() + 1)}${pad(now.getDate())}`;
  const time = `${pad(now.getHours())}${pad(now.getMinutes())}${pad(now.getSeconds())}`;
  const name = (strategy === undefined ? experiment : `${experiment}-${strategy}`)
    .replaceAll(/[^A-Za-z0-9_-]/g, '')
    .slice(0, 48);
  const letters = Array.from({ length: 4 }, () => String.fromCharCode(97 + randomInt(26))).join('');
  return `${day}-${time}-${name}-${letters}`;
}

async function readSource(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new LearnerError(
      {
        code: 'file-not-found',
        message: `${file} cannot be read${errorCode(error) === 'ENOENT' ? ': there is no such file' : ''}.`,
        remedy: `Give the path of an experiment file, for example ${basename(dirname(file))}/experiment.ts.`,
      },
      { cause: error },
    );
  }
}
