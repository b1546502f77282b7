import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as z from 'zod';
import * as lab from '../../lab';
import { LearnerError } from '../../protocol/errors';
import { RUN_FILES, type RunFile } from '../../protocol/run-files';
import type { HeadFunction } from '../experiment';
import { findPictureArchitecture } from '../models';
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
  const config = await readConfig(join(folder, 'config.json'));
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

async function readConfig(file: string): Promise<z.infer<typeof configSchema>> {
  try {
    return configSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new LearnerError(
      {
        code: 'run-weights-damaged',
        message: `${file} is missing, damaged or of an older version: it does not say how pictures are prepared.`,
        remedy: 'Run the experiment again.',
      },
      { cause: error },
    );
  }
}

/** The file as it was when the run began, so that edits since then do no harm. What it imports is read as it is now. */
async function ownHead(run: RunFile): Promise<HeadFunction> {
  const modules = { 'transfer-lab': lab, '@tensorflow/tfjs': tf };
  const loaded = await loadExperimentFile(run.file, { modules, source: run.source });
  const { head } = pickForRun(loaded, run).model;
  if (!head) throw otherHead(run);
  return head;
}

const otherHead = ({ experiment }: RunFile): LearnerError =>
  new LearnerError({
    code: 'run-other-head',
    message: `${experiment} was trained with an own head, and the code no longer makes that head.`,
    remedy: 'Bring back what the experiment imported when the run began, or run it again.',
  });

const otherClasses = (named: number, outputs: number | undefined): LearnerError =>
  new LearnerError({
    code: 'run-other-classes',
    message: `The run names ${named} classes, but its best weights tell ${outputs ?? 'another number of'} classes apart.`,
    remedy: 'Its folder "best" was mixed with that of another run: run the experiment again.',
  });
