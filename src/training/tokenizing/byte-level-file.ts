import * as z from 'zod';
import { LearnerError } from '../../protocol/errors';
import { parseTokenizerJson } from './tokenizer-file';

const addedToken = z.looseObject({
  id: z.int().nonnegative(),
  content: z.string().min(1),
  single_word: z.literal(false).default(false),
  lstrip: z.literal(false).default(false),
  rstrip: z.literal(false).default(false),
});

/** What of a tokenizer.json counts here. Its `padding` and `truncation` are not read, and its post-processor adds no tokens. */
const byteLevelTokenizer = z.looseObject({
  added_tokens: z.array(addedToken).default([]),
  normalizer: z.null().optional(),
  pre_tokenizer: z.looseObject({
    type: z.literal('ByteLevel'),
    add_prefix_space: z.literal(false).default(false),
    use_regex: z.literal(true).default(true),
  }),
  post_processor: z.looseObject({ type: z.literal('ByteLevel') }).nullish(),
  model: z.looseObject({
    type: z.literal('BPE').default('BPE'),
    dropout: z.null().optional(),
    continuing_subword_prefix: z.literal('').nullish(),
    end_of_word_suffix: z.literal('').nullish(),
    byte_fallback: z.literal(false).optional(),
    ignore_merges: z.literal(false).optional(),
    vocab: z.record(z.string(), z.int().nonnegative()),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  }),
});

export interface ByteLevelFile {
  /** tokenizer.json as it is. */
  readonly content: Readonly<Record<string, unknown>>;
  readonly vocab: ReadonlyMap<string, number>;
  /** Highest id + 1, added tokens included: as many rows as the checkpoint's word embeddings need. */
  readonly vocabularySize: number;
  /** Tokens that are taken out of a text before anything else, such as <|endoftext|>. */
  readonly addedTokens: ReadonlyMap<string, number>;
}

/**
 * Reads a tokenizer.json of the GPT-2 family (byte-level BPE).
 * @param file to name in errors
 * @throws {LearnerError} 'tokenizer-invalid' or 'tokenizer-unsupported'
 */
export function parseByteLevelFile(text: string, file: string): ByteLevelFile {
  const parsed = byteLevelTokenizer.safeParse(parseTokenizerJson(text, file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new LearnerError({
      code: 'tokenizer-unsupported',
      message: `${file} is no tokenizer of the GPT-2 family: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`,
      remedy: 'Use the tokenizer.json of a GPT-2 checkpoint: BPE, with the pre-tokenizer ByteLevel.',
    });
  }
  const { model, added_tokens } = parsed.data;
  const vocab = new Map(Object.entries(model.vocab));
  const missing = byteSymbols.filter((symbol) => !vocab.has(symbol));
  if (missing.length > 0)
    throw new LearnerError({
      code: 'tokenizer-invalid',
      message: `${file}: the vocabulary of ${vocab.size} tokens lacks ${missing.length} of the 256 bytes, so not every text could be written in it.`,
      remedy: 'Get the file again from the repository of the checkpoint.',
    });
  const addedTokens = new Map(added_tokens.map(({ content, id }) => [content, id]));
  let highest = 0;
  for (const id of [...vocab.values(), ...addedTokens.values()]) highest = Math.max(highest, id);
  return { content: parsed.data, vocab, vocabularySize: highest + 1, addedTokens };
}

/**
 * The character that stands for each byte in the vocabulary (bytes_to_unicode of openai/gpt-2's encoder.py): printable ones of
 * Latin-1 for themselves, the others from U+0100 on.
 */
export const byteSymbols: readonly string[] = (() => {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
})();
