import * as z from 'zod';
import { LearnerError } from '../../protocol/errors';

const addedToken = z.looseObject({
  id: z.int().nonnegative(),
  content: z.string().min(1),
  single_word: z.literal(false).default(false),
  lstrip: z.literal(false).default(false),
  rstrip: z.literal(false).default(false),
  normalized: z.literal(false).default(false),
});

const place = z.union([
  z.strictObject({ SpecialToken: z.strictObject({ id: z.string(), type_id: z.int() }) }),
  z.strictObject({ Sequence: z.strictObject({ id: z.enum(['A', 'B']), type_id: z.int() }) }),
]);

const template = z.looseObject({
  type: z.literal('TemplateProcessing'),
  single: z.array(place),
  pair: z.array(place),
  special_tokens: z.record(z.string(), z.looseObject({ ids: z.tuple([z.int()]) })),
});

/** The older form of the same: [CLS] A [SEP] B [SEP]. */
const bertProcessing = z.looseObject({
  type: z.literal('BertProcessing'),
  cls: z.tuple([z.string(), z.int()]),
  sep: z.tuple([z.string(), z.int()]),
});

/** What of a tokenizer.json counts here. Its `padding` and `truncation` are not read: both are ours. */
const bertTokenizer = z.looseObject({
  added_tokens: z.array(addedToken),
  normalizer: z.looseObject({ type: z.literal('BertNormalizer') }),
  pre_tokenizer: z.looseObject({ type: z.literal('BertPreTokenizer') }),
  post_processor: z.discriminatedUnion('type', [template, bertProcessing]),
  model: z.looseObject({
    type: z.literal('WordPiece'),
    unk_token: z.string(),
    continuing_subword_prefix: z.string(),
    vocab: z.record(z.string(), z.int().nonnegative()),
  }),
});

/** One place of the finished sequence: a special token, or all tokens of the first (0) or second (1) text. */
export type TemplatePart =
  { readonly id: number; readonly typeId: number } | { readonly sequence: 0 | 1; readonly typeId: number };

export interface TokenizerFile {
  /** tokenizer.json as it is. */
  readonly content: Readonly<Record<string, unknown>>;
  readonly vocab: ReadonlyMap<string, number>;
  /** Highest id + 1, added tokens included: as many rows as the checkpoint's word embeddings need. */
  readonly vocabularySize: number;
  /** Tokens that are taken out of a text before anything else, such as [SEP]. */
  readonly addedTokens: ReadonlyMap<string, number>;
  readonly template: { readonly single: readonly TemplatePart[]; readonly pair: readonly TemplatePart[] };
  readonly unknownToken: string;
  readonly continuation: string;
  /** Of [PAD]; 0 where there is none. */
  readonly padId: number;
}

/** @throws {LearnerError} 'tokenizer-invalid' where it is no JSON */
export function parseTokenizerJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new LearnerError(
      {
        code: 'tokenizer-invalid',
        message: `${file} is no JSON (${cause instanceof Error ? cause.message : String(cause)}).`,
        remedy: 'Get the file again: it is damaged, or it is a page of text that was saved in its place.',
      },
      { cause },
    );
  }
}

/**
 * Reads a tokenizer.json of the BERT family (WordPiece).
 * @param file to name in errors
 * @throws {LearnerError} 'tokenizer-invalid' or 'tokenizer-unsupported'
 */
export function parseTokenizerFile(text: string, file: string): TokenizerFile {
  const parsed = bertTokenizer.safeParse(parseTokenizerJson(text, file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new LearnerError({
      code: 'tokenizer-unsupported',
      message: `${file} is no tokenizer of the BERT family: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`,
      remedy:
        'Use the tokenizer.json of a BERT checkpoint: WordPiece, with BertNormalizer and BertPreTokenizer.',
    });
  }
  const { model, added_tokens, post_processor } = parsed.data;
  const vocab = new Map(Object.entries(model.vocab));
  const addedTokens = new Map(added_tokens.map(({ content: token, id }) => [token, id]));
  if (!vocab.has(model.unk_token))
    throw new LearnerError({
      code: 'tokenizer-invalid',
      message: `${file}: the vocabulary of ${vocab.size} tokens has no "${model.unk_token}", which stands for unknown words.`,
      remedy: 'Get the file again from the repository of the checkpoint.',
    });
  let highest = 0;
  for (const id of [...vocab.values(), ...addedTokens.values()]) highest = Math.max(highest, id);
  return {
    content: parsed.data,
    vocab,
    vocabularySize: highest + 1,
    addedTokens,
    template: templateOf(post_processor),
    unknownToken: model.unk_token,
    continuation: model.continuing_subword_prefix,
    padId: addedTokens.get('[PAD]') ?? vocab.get('[PAD]') ?? 0,
  };
}

function templateOf(
  processor: z.infer<typeof template> | z.infer<typeof bertProcessing>,
): TokenizerFile['template'] {
  if (processor.type === 'BertProcessing') {
    const special = ([, id]: readonly [string, number], typeId: number): TemplatePart => ({ id, typeId });
    const { cls, sep } = processor;
    const single: TemplatePart[] = [special(cls, 0), { sequence: 0, typeId: 0 }, special(sep, 0)];
    return { single, pair: [...single, { sequence: 1, typeId: 1 }, special(sep, 1)] };
  }
  const part = (item: z.infer<typeof place>): TemplatePart =>
    'Sequence' in item
      ? { sequence: item.Sequence.id === 'A' ? 0 : 1, typeId: item.Sequence.type_id }
      : {
          id: processor.special_tokens[item.SpecialToken.id]?.ids[0] ?? 0,
          typeId: item.SpecialToken.type_id,
        };
  return { single: processor.single.map(part), pair: processor.pair.map(part) };
}

/** Some checkpoints fill their table of word vectors up to a multiple of 64 or 128; more rows than that are another vocabulary. */
const MOST_UNUSED_ROWS = 127;

/**
 * A vocabulary that does not belong to the weights gives every word the vector of another one, and nothing else would say so.
 * @param rows of the checkpoint's word embeddings
 * @throws {LearnerError} 'vocabulary-size'
 */
export function checkVocabulary(vocabularySize: number, rows: number, file: string): void {
  const unused = rows - vocabularySize;
  if (unused >= 0 && unused <= MOST_UNUSED_ROWS) return;
  throw new LearnerError({
    code: 'vocabulary-size',
    message: `${file} has ${vocabularySize} tokens, but the checkpoint has word vectors for ${rows}.`,
    remedy: 'Use the tokenizer.json that lies beside the weights in their repository.',
  });
}
