import { dirname } from 'node:path';
import { LearnerError } from '../protocol/errors';
import { loadTagged } from './data/text/load-tagged';
import { loadTexts, type LoadedTexts } from './data/text/load-texts';
import { isTextData, type Experiment } from './experiment';
import type { TextArchitecture, TextNetworkOptions } from './models';
import type { Network } from './models/model';
import { requireBatch, requireClasses, wrongData, type ItemsAndNetwork } from './items-and-network';
import type { RunContext } from './run-context';
import { loadEmbeddedTokenizer, loadTokenizer } from './tokenizing/load-tokenizer';
import type { BertTokenizer } from './tokenizing/tokenizer';
import { loadWeights, type Checkpoint } from './weights/load';

/** Texts, in the tokens of the checkpoint, and the network that reads them. */
export async function prepareTexts(
  experiment: Experiment,
  context: RunContext,
  architecture: TextArchitecture,
  checkpoint: Checkpoint | undefined,
): Promise<ItemsAndNetwork> {
  const { data, model: choice, seed, strategy } = experiment;
  if (!isTextData(data)) throw wrongData(architecture.name, 'texts');
  if (data.kind === 'tagged-file' && choice.head)
    throw new LearnerError({
      code: 'head-for-tokens',
      message: `${architecture.name} was given an own head, which answers for whole texts; taggedFile asks for an answer for each word.`,
      remedy: 'Leave "head" out.',
    });
  const tokenizer = await tokenizerOf(experiment, architecture, checkpoint);
  context.emit({ type: 'preparing', phase: 'loadingData' });
  const { experimentDirectory: directory, shared } = context;
  const load = (): Promise<LoadedTexts> =>
    data.kind === 'tagged-file'
      ? loadTagged(data, directory, tokenizer)
      : loadTexts(data, directory, tokenizer);
  const key = JSON.stringify([data, directory, tokenizer.json]);
  const { dataset, warnings } = await (shared ? shared.once('texts', key, load) : load());
  for (const problem of warnings) context.emit({ type: 'warning', problem });
  const { skipped, counts, name } = dataset.info;
  if (skipped.length > 0) context.emit({ type: 'warning', problem: textsSkipped(skipped) });
  requireBatch(experiment.batchSize, counts.train, name, 'texts');
  context.emit({ type: 'preparing', phase: 'loadingWeights' });
  const numClasses = requireClasses(choice.numClasses, dataset);
  const options = networkOptions(experiment, checkpoint, numClasses);
  const model = architecture.create({ ...options, seed });
  const loaded =
    checkpoint && strategy.pretrained ? loadTextWeights(model, architecture, checkpoint, options) : undefined;
  return {
    dataset,
    model,
    ...(loaded?.headSkipped === undefined ? {} : { headSkipped: loaded.headSkipped }),
    size: sizeInWords(model),
    told: dataset.told,
    preparation: { maxTokens: data.maxTokens },
    files: { 'tokenizer.json': tokenizer.json },
  };
}

/** A checkpoint's own; without one, that of the embedded network. */
function tokenizerOf(
  { model: { weights } }: Pick<Experiment, 'model'>,
  { embedded = '' }: TextArchitecture,
  checkpoint: Checkpoint | undefined,
): Promise<BertTokenizer> {
  return checkpoint === undefined || weights === 'embedded'
    ? loadEmbeddedTokenizer(embedded)
    : loadTokenizer(dirname(checkpoint.file));
}

export function networkOptions(
  { data, model: choice, seed }: Pick<Experiment, 'data' | 'model' | 'seed'>,
  checkpoint: Checkpoint | undefined,
  numClasses: number,
): TextNetworkOptions {
  const { size, layers, pooling, dropout, head } = choice;
  return {
    numClasses,
    seed,
    answers: data.kind === 'tagged-file' ? 'tokens' : 'texts',
    config: checkpoint?.config,
    title: checkpoint?.title ?? 'a BERT of this size',
    deferred: checkpoint !== undefined,
    ...(size === undefined ? {} : { size }),
    ...(layers === undefined ? {} : { layers }),
    ...(pooling === undefined ? {} : { pooling }),
    ...(dropout === undefined ? {} : { dropout }),
    ...(head ? { head } : {}),
  };
}

export function loadTextWeights(
  model: Network,
  architecture: TextArchitecture,
  checkpoint: Checkpoint,
  options: TextNetworkOptions,
): ReturnType<typeof loadWeights> {
  const tensors = architecture.tensors(checkpoint.content.tensors, options);
  return loadWeights(model, { ...checkpoint, content: { ...checkpoint.content, tensors } });
}

/** '6 layers of 384' */
export function sizeInWords({ config }: Network): string {
  return `${Number(config['num_hidden_layers'])} layers of ${Number(config['hidden_size'])}`;
}

function textsSkipped(skipped: readonly { readonly file: string; readonly reason: string }[]) {
  const shown = skipped.slice(0, 3).map(({ reason }) => reason);
  const rest = skipped.length > 3 ? ` and ${skipped.length - 3} more` : '';
  return {
    code: 'texts-skipped',
    message: `${skipped.length} ${skipped.length === 1 ? 'row was' : 'rows were'} left out: ${shown.join('; ')}${rest}.`,
    remedy: 'Repair or remove them; training goes on without.',
  };
}
