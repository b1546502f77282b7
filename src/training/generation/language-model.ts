import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { LearnerError } from '../../protocol/errors';
import type { Engine } from '../engine/types';
import { mediaFolder } from '../media';
import type { CausalNetwork } from '../models/causal-network';
import { createGpt2 } from '../models/gpt2';
import { gpt2Config, gpt2Tensors } from '../models/gpt2-checkpoint';
import type { ByteLevelTokenizer } from '../tokenizing/byte-level-tokenizer';
import { loadByteLevelTokenizer, loadEmbeddedByteLevelTokenizer } from '../tokenizing/load-tokenizer';
import { readEmbeddedWeights } from '../weights/embedded';
import { hubSettings, hubSnapshot, parseRepository } from '../weights/hub';
import { DOWNLOAD_ALLOWED } from '../weights/hub/allowed';
import { loadWeights, type OpenOptions } from '../weights/load';
import { joinRowScales } from '../weights/row-scales';
import { openSafetensors, type Safetensors } from '../weights/safetensors';
import { CachedModel } from './cached-model';
import type { TextModel } from './stream-texts';

/** The embedded one: a folder of media/models. */
const EMBEDDED = 'gpt2-narrow';

/** A language model with its words, ready to generate. */
export interface LanguageModel extends TextModel {
  /** For messages: 'gpt2-narrow (embedded)'. */
  readonly title: string;
  readonly network: CausalNetwork;
  /** SHA-256 of its weights, in hexadecimal: what a recipe's code names it by. */
  hash(): Promise<string>;
  dispose(): void;
}

interface Source {
  readonly title: string;
  readonly file: string;
  readonly content: Safetensors;
  readonly config: unknown;
  readonly tokenizer: ByteLevelTokenizer;
}

/**
 * @param weights 'embedded', a repository of the Hugging Face Hub ('openai-community/gpt2@REVISION'), or a folder (or the
 *   .safetensors file in it) with model.safetensors, config.json and tokenizer.json, relative to `directory`
 * @throws {LearnerError} if something is missing or of another kind, or 'download-needed'
 */
export async function loadLanguageModel(
  engine: Engine,
  weights: string,
  directory: string,
  options: OpenOptions = {},
): Promise<LanguageModel> {
  const { title, file, content, config, tokenizer } = await openSource(weights, directory, options);
  const network = createGpt2(title, gpt2Config(config, `config.json of ${title}`), 0, true);
  loadWeights(network, {
    title,
    content: { ...content, tensors: gpt2Tensors(content.tensors) },
  });
  const model = new CachedModel(engine, network);
  return {
    title,
    network,
    tokenizer,
    next: model.next,
    contextLength: network.causal.maxPositions,
    hash: () => hashOf(file),
    dispose: () => {
      model.dispose();
      network.dispose();
    },
  };
}

async function openSource(weights: string, directory: string, options: OpenOptions): Promise<Source> {
  if (weights === 'embedded') {
    const { file, content } = await readEmbeddedWeights(EMBEDDED);
    const config = await readConfig(mediaFolder('models', EMBEDDED));
    const tokenizer = await loadEmbeddedByteLevelTokenizer(EMBEDDED);
    return { title: `${EMBEDDED} (embedded)`, file, content, config, tokenizer };
  }
  const repository = parseRepository(weights);
  if (repository) {
    const { env = process.env, signal, onDownload, onWait } = options;
    const { folder, commit } = await hubSnapshot(repository, {
      settings: hubSettings(env),
      allowed: env[DOWNLOAD_ALLOWED] === '1',
      also: ['tokenizer.json'],
      ...(signal ? { signal } : {}),
      ...(onDownload ? { onProgress: onDownload } : {}),
      ...(onWait ? { onWait } : {}),
    });
    return openFolder(folder, `${repository.id}@${commit.slice(0, 7)}`);
  }
  const path = isAbsolute(weights) ? weights : resolve(directory, weights);
  return openFolder(path.endsWith('.safetensors') ? dirname(path) : path, weights, path);
}

async function openFolder(folder: string, title: string, path = folder): Promise<Source> {
  const file = path.endsWith('.safetensors') ? path : join(folder, 'model.safetensors');
  if (!existsSync(file))
    throw new LearnerError({
      code: 'weights-missing',
      message: `${title} has no ${basename(file)}.`,
      remedy: "Give a folder with model.safetensors, config.json and tokenizer.json, or 'embedded'.",
    });
  const tokenizer = await loadByteLevelTokenizer(folder);
  const content = joinRowScales(openSafetensors(file), title);
  return { title, file, content, config: await readConfig(folder), tokenizer };
}

async function readConfig(folder: string): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(file)) hash.update(part as Buffer);
  return hash.digest('hex');
}
