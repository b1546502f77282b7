import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { LearnerError } from '../../protocol/errors';
import { mediaFolder, readMediaCard, readMediaFile } from '../media';
import { parseByteLevelFile } from './byte-level-file';
import { ByteLevelTokenizer } from './byte-level-tokenizer';
import { BertTokenizer } from './tokenizer';
import { checkVocabulary, parseTokenizerFile } from './tokenizer-file';

const bertSchema = z.looseObject({
  vocab_size: z.int().positive(),
  max_position_embeddings: z.int().positive(),
});

const gpt2Schema = z.looseObject({
  vocab_size: z.int().positive(),
  eos_token_id: z.int().nonnegative().optional(),
});

/**
 * The tokenizer of a BERT's folder: its tokenizer.json, checked against its config.json.
 * @throws {LearnerError} 'tokenizer-missing', 'tokenizer-invalid', 'tokenizer-unsupported' or 'vocabulary-size'
 */
export async function loadTokenizer(folder: string): Promise<BertTokenizer> {
  return bertTokenizer(await readFolder(folder));
}

/**
 * Of an embedded model, verified by size and hash. A model that uses another one's weights has that one's tokenizer.
 * @param name a folder of media/models
 */
export async function loadEmbeddedTokenizer(name: string): Promise<BertTokenizer> {
  return bertTokenizer(await readEmbedded(name));
}

/** The same for a GPT-2's folder. @throws as `loadTokenizer` */
export async function loadByteLevelTokenizer(folder: string): Promise<ByteLevelTokenizer> {
  return byteLevelTokenizer(await readFolder(folder));
}

/** @param name a folder of media/models */
export async function loadEmbeddedByteLevelTokenizer(name: string): Promise<ByteLevelTokenizer> {
  return byteLevelTokenizer(await readEmbedded(name));
}

/** The two files of a tokenizer, and what they are called in errors. */
interface Files {
  readonly text: string;
  readonly file: string;
  readonly config: string;
  readonly configFile: string;
}

async function readFolder(folder: string): Promise<Files> {
  const [text, config] = await Promise.all([read(folder, 'tokenizer.json'), read(folder, 'config.json')]);
  return { text, file: join(folder, 'tokenizer.json'), config, configFile: join(folder, 'config.json') };
}

async function readEmbedded(name: string): Promise<Files> {
  const folder = mediaFolder('models', name);
  const { weights } = await readMediaCard(folder);
  const home = weights === undefined ? folder : dirname(join(folder, weights));
  const text = new TextDecoder();
  return {
    text: text.decode(await readMediaFile(home, 'tokenizer.json')),
    file: join(home, 'tokenizer.json'),
    config: text.decode(await readMediaFile(folder, 'config.json')),
    configFile: join(folder, 'config.json'),
  };
}

function bertTokenizer({ text, file, config, configFile }: Files): BertTokenizer {
  const content = parseTokenizerFile(text, file);
  const { vocab_size: rows, max_position_embeddings: positions } = parseConfig(
    bertSchema,
    config,
    configFile,
  );
  checkVocabulary(content.vocabularySize, rows, file);
  return new BertTokenizer(content, positions, text);
}

function byteLevelTokenizer({ text, file, config, configFile }: Files): ByteLevelTokenizer {
  const content = parseByteLevelFile(text, file);
  const { vocab_size: rows, eos_token_id: end } = parseConfig(gpt2Schema, config, configFile);
  checkVocabulary(content.vocabularySize, rows, file);
  return new ByteLevelTokenizer(content, end);
}

function parseConfig<T>(schema: z.ZodType<T>, text: string, file: string): T {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    content = undefined; // The schema then says that it expected an object.
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new LearnerError({
    code: 'tokenizer-invalid',
    message: `${file}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'not as expected'}.`,
    remedy:
      'Get the config.json of the checkpoint: it states vocab_size, and for a BERT max_position_embeddings.',
  });
}

async function read(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (cause) {
    const there = await readdir(folder).catch((): string[] => []);
    throw new LearnerError(
      {
        code: 'tokenizer-missing',
        message: `${join(folder, name)} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'}). In the folder: ${there.sort().join(', ') || 'nothing'}.`,
        remedy: 'Put tokenizer.json and config.json of the checkpoint into one folder.',
      },
      { cause },
    );
  }
}
