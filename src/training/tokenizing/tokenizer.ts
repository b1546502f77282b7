import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import type { TemplatePart, TokenizerFile } from './tokenizer-file';
import { checkMaxLength, keptLengths } from './truncation';

/** A text, or two, as the network reads it; not padded. */
export interface Encoding {
  readonly ids: readonly number[];
  /** 0 for the first text and its special tokens, 1 for the second. */
  readonly typeIds: readonly number[];
  /** Which word of its text a token is of, from 0; null for special tokens. */
  readonly wordIds: readonly (number | null)[];
  /** Where a token stands in its text (with words: in its word), in UTF-16 units: `text.slice(start, end)`. [0, 0] for special tokens. */
  readonly offsets: readonly (readonly [number, number])[];
  /** 0: of the first text, 1: of the second, null: special. */
  readonly sequenceIds: readonly (0 | 1 | null)[];
  /** Tokens that did not fit and were left out. */
  readonly cut: number;
}

interface Pieces {
  readonly ids: readonly number[];
  /** Of each piece in the normalized word, in UTF-16 units. */
  readonly lengths: readonly number[];
}

interface Tokens {
  readonly ids: number[];
  readonly wordIds: number[];
  readonly offsets: [number, number][];
}

/** Words repeat; a cache that forgets all now and then is enough. */
const MOST_CACHED = 100_000;

/**
 * A BERT tokenizer. Hugging Face's JavaScript library knows the rules for a character, for words and for their pieces; it has
 * no offsets and no word ids, so the text is normalized here character by character, which keeps both.
 * That also gives what the original does where the library alone differs: a final Σ is the letter σ, and ideographs beyond
 * U+FFFF are words of their own.
 */
export class BertTokenizer {
  readonly vocabularySize: number;
  readonly padId: number;
  private readonly library: HuggingFaceTokenizer;
  private readonly special: RegExp | undefined;
  private readonly normalized = new Map<string, string>();
  private readonly known = new Map<string, Pieces>();

  /** @param positions of the checkpoint: texts are cut to them, or to `maxLength` */
  constructor(
    private readonly file: TokenizerFile,
    readonly positions: number,
    /** Its tokenizer.json, for whoever saves a network that reads its tokens. */
    readonly json: string = '',
  ) {
    this.vocabularySize = file.vocabularySize;
    this.padId = file.padId;
    this.library = new HuggingFaceTokenizer(file.content, {});
    const names = [...file.addedTokens.keys()].sort((a, b) => b.length - a.length);
    if (names.length > 0) this.special = new RegExp(`(${names.map(escapePattern).join('|')})`);
  }

  /** @throws {LearnerError} 'max-length' if the model has no such many positions */
  encode(
    text: string,
    options: { readonly pair?: string | undefined; readonly maxLength?: number } = {},
  ): Encoding {
    const { pair, maxLength } = options;
    return this.finish(this.tokensOf(text), pair === undefined ? undefined : this.tokensOf(pair), maxLength);
  }

  /** Of a text that is in words already: word ids are places in the list, and a word without tokens has none. */
  encodeWords(words: readonly string[], options: { readonly maxLength?: number } = {}): Encoding {
    const all: Tokens = { ids: [], wordIds: [], offsets: [] };
    for (const [index, word] of words.entries()) {
      const { ids, offsets } = this.tokensOf(word);
      for (const [place, id] of ids.entries()) {
        all.ids.push(id);
        all.wordIds.push(index);
        all.offsets.push(offsets[place] ?? [0, 0]);
      }
    }
    return this.finish(all, undefined, options.maxLength);
  }

  private tokensOf(text: string): Tokens {
    const tokens: Tokens = { ids: [], wordIds: [], offsets: [] };
    let words = 0;
    let start = 0;
    for (const part of this.special ? text.split(this.special) : [text]) {
      const added = this.file.addedTokens.get(part);
      if (added === undefined) words = this.addWords(part, start, words, tokens);
      else {
        tokens.ids.push(added);
        tokens.wordIds.push(words++);
        tokens.offsets.push([start, start + part.length]);
      }
      start += part.length;
    }
    return tokens;
  }

  /** @param start of `text` in the whole @returns the number of the next word */
  private addWords(text: string, start: number, firstWord: number, tokens: Tokens): number {
    const { normalized, from, to } = this.normalize(text, start);
    let word = firstWord;
    let at = 0;
    for (const part of this.library.pre_tokenizer?.pre_tokenize(normalized) ?? []) {
      at = normalized.indexOf(part, at);
      const { ids, lengths } = this.piecesOf(part);
      for (const [index, id] of ids.entries()) {
        const end = at + (lengths[index] ?? 0);
        tokens.ids.push(id);
        tokens.wordIds.push(word);
        tokens.offsets.push([from[at] ?? 0, to[end - 1] ?? 0]);
        at = end;
      }
      word++;
    }
    return word;
  }

  /** Also where in the text each UTF-16 unit of the result comes from. */
  private normalize(text: string, start: number): { normalized: string; from: number[]; to: number[] } {
    const parts: string[] = [];
    const from: number[] = [];
    const to: number[] = [];
    let at = start;
    for (const character of text) {
      const end = at + character.length;
      const made = this.normalizeCharacter(character);
      parts.push(made);
      for (let unit = 0; unit < made.length; unit++) {
        from.push(at);
        to.push(end);
      }
      at = end;
    }
    return { normalized: parts.join(''), from, to };
  }

  private normalizeCharacter(character: string): string {
    const known = this.normalized.get(character);
    if (known !== undefined) return known;
    let made = this.library.normalizer?.normalize(character) ?? character;
    if (isIdeographBeyondPlane0(character)) made = ` ${made} `;
    this.normalized.set(character, made);
    return made;
  }

  private piecesOf(word: string): Pieces {
    const known = this.known.get(word);
    if (known) return known;
    const { unknownToken, continuation, vocab } = this.file;
    const names = this.library.model?.encode([word]) ?? [];
    const ids = names.map((name) => vocab.get(name) ?? 0);
    const lengths = names.map((name, index) =>
      name === unknownToken && names.length === 1
        ? word.length
        : name.length - (index > 0 ? continuation.length : 0),
    );
    if (this.known.size >= MOST_CACHED) this.known.clear();
    const pieces = { ids, lengths };
    this.known.set(word, pieces);
    return pieces;
  }

  private finish(first: Tokens, second: Tokens | undefined, maxLength = this.positions): Encoding {
    const template = second ? this.file.template.pair : this.file.template.single;
    const specialTokens = template.filter((part) => 'id' in part).length;
    checkMaxLength(maxLength, this.positions, specialTokens);
    const sizes = [first.ids.length, second?.ids.length ?? 0] as const;
    const kept = keptLengths(...sizes, maxLength - specialTokens);
    const cut = sizes[0] + sizes[1] - kept[0] - kept[1];
    return assemble(template, [first, second], kept, cut);
  }
}

function assemble(
  template: readonly TemplatePart[],
  texts: readonly [Tokens, Tokens | undefined],
  kept: readonly [number, number],
  cut: number,
): Encoding {
  const ids: number[] = [];
  const typeIds: number[] = [];
  const wordIds: (number | null)[] = [];
  const offsets: (readonly [number, number])[] = [];
  const sequenceIds: (0 | 1 | null)[] = [];
  for (const part of template) {
    if ('id' in part) {
      ids.push(part.id);
      typeIds.push(part.typeId);
      wordIds.push(null);
      offsets.push([0, 0]);
      sequenceIds.push(null);
      continue;
    }
    const tokens = texts[part.sequence];
    for (let index = 0; index < kept[part.sequence]; index++) {
      ids.push(tokens?.ids[index] ?? 0);
      typeIds.push(part.typeId);
      wordIds.push(tokens?.wordIds[index] ?? null);
      offsets.push(tokens?.offsets[index] ?? [0, 0]);
      sequenceIds.push(part.sequence);
    }
  }
  return { ids, typeIds, wordIds, offsets, sequenceIds, cut };
}

/** The blocks of BERT's reference that need two UTF-16 units; the library looks at one unit at a time. */
function isIdeographBeyondPlane0(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return (
    (code >= 0x20000 && code <= 0x2a6df) ||
    (code >= 0x2a700 && code <= 0x2ceaf) ||
    (code >= 0x2f800 && code <= 0x2fa1f)
  );
}

/** The text for a regular expression that finds it as it stands. */
export function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
