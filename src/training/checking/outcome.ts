import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import * as z from 'zod';
import type { Outcome } from '../../protocol/checking';
import type { Evaluation, Prediction } from '../../protocol/events';
import { assetsRoot } from '../assets';
import type { Engine } from '../engine/types';
import type { Experiment } from '../experiment';
import { experimentFingerprint } from '../preparation';
import { findArchitecture } from '../models';
import type { Phase } from '../strategies/strategy';
import { train } from '../trainer';
import { quietContext } from './quiet-context';
import { recordedRun } from './recorded-run';

const keptSchema = z.object({
  seed: z.number(),
  accuracy: z.number(),
  split: z.enum(['val', 'test']),
  pictures: z.array(z.string()),
  correct: z.array(z.boolean()),
  bestEpoch: z.number(),
  seconds: z.number(),
});
type Kept = z.infer<typeof keptSchema>;

/**
 * The score of an experiment, item by item: from an earlier check of the same settings, else from a run of the
 * learner, else trained now.
 * @param onEpoch epochs done
 */
export async function outcomeOf(
  engine: Engine,
  experiment: Experiment,
  phases: readonly Phase[],
  folder: string,
  onEpoch: (done: number) => void,
): Promise<Outcome> {
  const key = await keyOf(engine, experiment, phases, folder);
  const file = join(folder, '.transfer-lab', 'cache', 'outcomes', `${key}.json`);
  const kept = await readKept(file);
  if (kept) return { ...kept, from: 'kept' };
  const recorded = await recordedRun(engine, experiment, phases, folder);
  if (recorded) {
    const { evaluation, predictions, bestEpoch, seconds } = recorded;
    const outcome = asKept(experiment, folder, evaluation, predictions, bestEpoch, seconds);
    await keep(file, outcome);
    return { ...outcome, from: 'run' };
  }
  const context = quietContext(engine, folder, (event) => {
    if (event.type === 'epochEnd') onEpoch(event.epoch);
  });
  const { final, predictions, bestEpoch, seconds } = await train(experiment, context);
  const outcome = asKept(experiment, folder, final, predictions, bestEpoch, seconds);
  await keep(file, outcome);
  return { ...outcome, from: 'trained' };
}

function asKept(
  { seed }: Experiment,
  folder: string,
  { accuracy, split }: Evaluation,
  predictions: readonly Prediction[],
  bestEpoch: number,
  seconds: number,
): Kept {
  return {
    seed,
    accuracy,
    split,
    pictures: predictions.map(({ file }) => relative(folder, file).replaceAll('\\', '/')),
    correct: predictions.map(({ label, predicted }) => label === predicted),
    bestEpoch,
    seconds,
  };
}

/** Changes with the settings, the device, and the name, size or time of any picture, file of texts or weight. */
async function keyOf(
  engine: Engine,
  experiment: Experiment,
  phases: readonly Phase[],
  folder: string,
): Promise<string> {
  const hash = createHash('sha256').update(engine.device.text);
  hash.update(experimentFingerprint(experiment, phases));
  const at = (path: string): string => (isAbsolute(path) ? path : resolve(folder, path));
  const { weights } = experiment.model;
  const { embedded } = findArchitecture(experiment.model.architecture);
  const files = [
    ...(await filesBelow(at(experiment.data.path))),
    ...(weights === 'embedded' && embedded !== undefined
      ? await filesBelow(join(assetsRoot(), 'media', 'models', embedded))
      : []),
    ...(weights?.startsWith('.') || isAbsolute(weights ?? '') ? [at(weights ?? '')] : []),
  ];
  for (const file of files.sort()) {
    const { size, mtimeMs } = await stat(file);
    hash.update(`\0${relative(folder, file)}\0${size}\0${mtimeMs}`);
  }
  return hash.digest('hex').slice(0, 32);
}

/** A file is itself. */
async function filesBelow(folder: string): Promise<string[]> {
  try {
    if ((await stat(folder)).isFile()) return [folder];
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // Loading says it better.
    throw error;
  }
}

async function readKept(file: string): Promise<Kept | undefined> {
  try {
    return keptSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined; // Not there, or cut off: it is trained again.
  }
}

async function keep(file: string, outcome: Kept): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, JSON.stringify(outcome));
  await rename(temporary, file);
}
