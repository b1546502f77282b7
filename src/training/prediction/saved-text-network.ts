import * as z from 'zod';
import { LearnerError } from '../../protocol/errors';
import type { RunFile } from '../../protocol/run-files';
import { findArchitecture, type TextNetworkOptions } from '../models';
import type { Network } from '../models/model';
import { loadTextWeights } from '../text-preparation';
import { loadTokenizer } from '../tokenizing/load-tokenizer';
import type { BertTokenizer } from '../tokenizing/tokenizer';
import { openCheckpoint } from '../weights/load';
import { checked, openBest, otherClasses, otherHead, ownHead } from './saved-network';

/** The best network of a run on texts, as it was when validation scored it. */
export interface SavedTextNetwork {
  readonly run: RunFile;
  readonly model: Network;
  readonly classNames: readonly string[];
  readonly tokenizer: BertTokenizer;
  readonly maxTokens: number;
}

const configSchema = z.looseObject({
  architecture: z.string(),
  head: z.string(),
  pooling: z.enum(['mean', 'first', 'pooler']),
  numClasses: z.int().min(2),
  classNames: z.array(z.string()).min(2),
  maxTokens: z.int().min(1),
  ownHead: z.boolean().optional(),
});

/**
 * Opens the best weights of a run; its data is not needed.
 * @throws {LearnerError} as `openSavedNetwork`, 'run-reads-pictures', and what is wrong with tokenizer.json
 */
export async function openSavedTextNetwork(directory: string): Promise<SavedTextNetwork> {
  const { run, folder, file, content } = await openBest(directory);
  const { architecture: name } = checked(z.looseObject({ architecture: z.string() }), content, folder);
  const architecture = findArchitecture(name);
  if (architecture.reads !== 'texts') {
    throw new LearnerError({
      code: 'run-reads-pictures',
      message: `${run.experiment} was trained on pictures: it cannot read a text.`,
      remedy: 'Give it a picture, or choose a run that was trained on texts.',
    });
  }
  const config = checked(configSchema, content, folder);
  const { numClasses, classNames, maxTokens, pooling } = config;
  if (config.head !== 'sequence') {
    throw new LearnerError({
      code: 'run-answers-for-tokens',
      message: `${run.experiment} answers for each token; only a class for a whole text can be tried so far.`,
      remedy: 'Choose a run on textFile or textFolder.',
    });
  }
  if (classNames.length > numClasses) throw otherClasses(classNames.length, numClasses);
  const checkpoint = await openCheckpoint(file, architecture, folder);
  const tokenizer = await loadTokenizer(folder);
  const head = config.ownHead === true ? await ownHead(run) : undefined;
  const options: TextNetworkOptions = {
    numClasses,
    seed: 0,
    answers: 'texts',
    config: checkpoint.config,
    title: checkpoint.title,
    deferred: true,
    pooling,
    ...(head ? { head } : {}),
  };
  const model = architecture.create(options);
  try {
    if (loadTextWeights(model, architecture, checkpoint, options).headSkipped !== undefined)
      throw head ? otherHead(run) : otherClasses(classNames.length, undefined);
    model.store.drawPending();
  } catch (error) {
    model.dispose();
    throw error;
  }
  return { run, model, classNames, tokenizer, maxTokens };
}
