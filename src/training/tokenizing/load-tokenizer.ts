import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { LearnerError } from '../../protocol/errors';
import { mediaFolder, readMediaCard, readMediaFile } from '../media';
import { BertTokenizer } from './tokenizer';
import { checkVocabulary, parseTokenizerFile } from './tokenizer-file';

const configSchema = z.looseObject({
  vocab_size: z.int().positive(),
  max_position_embeddings: z.int().positive(),
});

/**
 * The tokenizer of a model folder: its tokenizer.json, checked against its config.json.
 * @throws {LearnerError} 'tokenizer-missing', 'tokenizer-invalid', 'tokenizer-unsupported' or 'vocabulary-size'
 */
export async function loadTokenizer(folder: string): Promise<BertTokenizer> {
  const file = join(folder, 'tokenizer.json');
  const [text, config] = await Promise.all([read(folder, 'tokenizer.json'), read(folder, 'config.json')]);
  return tokenizerFrom(text, file, config, join(folder, 'config.json'));
}

/**
 * Of an embedded model, verified by size and hash. A model that uses another one's weights has that one's tokenizer.
 * @param name a folder of media/models
 */
export async function loadEmbeddedTokenizer(name: string): Promise<BertTokenizer> {
  const folder = mediaFolder('models', name);
  const { weights } = await readMediaCard(folder);
  const home = weights === undefined ? folder : dirname(join(folder, weights));
  const text = new TextDecoder();
  return tokenizerFrom(
    text.decode(await readMediaFile(home, 'tokenizer.json')),
    join(home, 'tokenizer.json'),
    text.decode(await readMediaFile(folder, 'config.json')),
    join(folder, 'config.json'),
  );
}

function tokenizerFrom(text: string, file: string, config: string, configFile: string): BertTokenizer {
  const content = parseTokenizerFile(text, file);
  const { vocab_size: rows, max_position_embeddings: positions } = parseConfig(config, configFile);
  checkVocabulary(content.vocabularySize, rows, file);
  return new BertTokenizer(content, positions, text);
}

function parseConfig(text: string, file: string): z.infer<typeof configSchema> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    content = undefined; // The schema then says that it expected an object.
  }
  const parsed = configSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new LearnerError({
    code: 'tokenizer-invalid',
    message: `${file}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'not as expected'}.`,
    remedy: 'Get the config.json of the checkpoint: it states vocab_size and max_position_embeddings.',
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
