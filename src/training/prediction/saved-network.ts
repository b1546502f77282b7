import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as z from 'zod';
import * as lab from '../../lab';
import { LearnerError } from '../../protocol/errors';
import { RUN_FILES, type RunFile } from '../../protocol/run-files';
import type { HeadFunction } from '../experiment';
import { architectures, findPictureArchitecture } from '../models';
import type { TransferModel } from '../models/model';
import { pickForRun } from '../pick-experiment';
import { readRunFile } from '../runs';
import { loadExperimentFile } from '../runs/load-experiment';
import { loadWeights, openCheckpoint } from '../weights/load';
import { savedPreprocessing, type Preprocessing } from '../weights/preprocessing';

/** The best network of a run, as it was when validation scored it. */
export interface SavedNetwork {
  readonly run: RunFile;
  readonly model: TransferModel;
  /** Of the first outputs; there may be more of those, which never had a picture. */
  readonly classNames: readonly string[];
  readonly imageSize: number;
  readonly preprocessing: Preprocessing;
}

/** config.json beside the best weights: see `savedConfig`. */
const configSchema = savedPreprocessing.extend({
  architecture: z.string(),
  numClasses: z.int().min(2),
  classNames: z.array(z.string()).min(2),
  imageSize: z.int().min(1),
  ownHead: z.boolean().optional(),
});

/**
 * Opens the best weights of a run; its data is not needed. An own head is read from the run's copy of the learner's file.
 * @throws {LearnerError} 'not-a-run', 'run-without-weights', 'run-weights-damaged', 'run-other-classes', and what the
 *   learner's file throws where it makes the head
 */
export async function openSavedNetwork(directory: string): Promise<SavedNetwork> {
  const { run, folder, file, content } = await openBest(directory);
  if (reads(content) === 'texts') {
    throw new LearnerError({
      code: 'run-reads-texts',
      message: `${run.experiment} was trained on texts: it cannot look at a picture.`,
      remedy: 'Give it a sentence (--text "…"), or choose a run that was trained on pictures.',
    });
  }
  const config = checked(configSchema, content, folder);
  const { numClasses, classNames, imageSize } = config;
  if (classNames.length > numClasses) throw otherClasses(classNames.length, numClasses);
  const architecture = findPictureArchitecture(config.architecture);
  const checkpoint = await openCheckpoint(file, architecture, folder);
  const head = config.ownHead === true ? await ownHead(run) : undefined;
  const shapes = new Map([...checkpoint.content.tensors].map(([name, { shape }]) => [name, shape]));
  const model = architecture.create({ numClasses, seed: 0, shapes, deferred: true });
  try {
    if (head) model.resetHead(numClasses, head);
    if (loadWeights(model, checkpoint).headSkipped !== undefined)
      throw head ? otherHead(run) : otherClasses(classNames.length, undefined);
    model.store.drawPending();
  } catch (error) {
    model.dispose();
    throw error;
  }
  return { run, model, classNames, imageSize, preprocessing: checkpoint.preprocessing };
}

/** A run's folder of best weights. @throws {LearnerError} 'not-a-run', 'run-without-weights', 'run-weights-damaged' */
export async function openBest(directory: string): Promise<{
  readonly run: RunFile;
  readonly folder: string;
  readonly file: string;
  /** Of its config.json. */
  readonly content: unknown;
}> {
  const run = await readRunFile(directory);
  const folder = join(directory, RUN_FILES.best);
  const file = join(folder, 'model.safetensors');
  if (!existsSync(file)) {
    throw new LearnerError({
      code: 'run-without-weights',
      message: `${basename(directory)} has no best weights yet: a run saves them when it finishes or is stopped.`,
      remedy: 'Wait for its end, stop or resume it, or choose another run.',
    });
  }
  try {
    const content: unknown = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
    return { run, folder, file, content };
  } catch (error) {
    throw damaged(folder, error);
  }
}

/** What the network of this config.json reads. */
export function reads(content: unknown): 'pictures' | 'texts' | undefined {
  const { success, data } = z.looseObject({ architecture: z.string() }).safeParse(content);
  return success ? architectures.find(({ name }) => name === data.architecture)?.reads : undefined;
}

/** @throws {LearnerError} 'run-weights-damaged' */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  content: unknown,
  folder: string,
): z.infer<Schema> {
  const { success, data, error } = schema.safeParse(content);
  if (success) return data;
  throw damaged(folder, error);
}

const damaged = (folder: string, cause: unknown): LearnerError =>
  new LearnerError(
    {
      code: 'run-weights-damaged',
      message: `${join(folder, 'config.json')} is missing, damaged or of an older version: it does not say how the data is prepared.`,
      remedy: 'Run the experiment again.',
    },
    { cause },
  );

/** The file as it was when the run began, so that edits since then do no harm. What it imports is read as it is now. */
export async function ownHead(run: RunFile): Promise<HeadFunction> {
  const modules = { 'transfer-lab': lab, '@tensorflow/tfjs': tf };
  const loaded = await loadExperimentFile(run.file, { modules, source: run.source });
  const { head } = pickForRun(loaded, run).model;
  if (!head) throw otherHead(run);
  return head;
}

export const otherHead = ({ experiment }: RunFile): LearnerError =>
  new LearnerError({
    code: 'run-other-head',
    message: `${experiment} was trained with an own head, and the code no longer makes that head.`,
    remedy: 'Bring back what the experiment imported when the run began, or run it again.',
  });

export const otherClasses = (named: number, outputs: number | undefined): LearnerError =>
  new LearnerError({
    code: 'run-other-classes',
    message: `The run names ${named} classes, but its best weights tell ${outputs ?? 'another number of'} classes apart.`,
    remedy: 'Its folder "best" was mixed with that of another run: run the experiment again.',
  });
