import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { byteSymbols, type ByteLevelFile } from './byte-level-file';
import { escapePattern } from './tokenizer';

const NO_BYTES = new Uint8Array();
const BYTE_OF = new Map(byteSymbols.map((symbol, byte) => [symbol, byte]));

/**
 * GPT-2's words: a contraction, or letters, digits or other signs with at most one space before them, or space alone.
 * `\p{White_Space}` is what the original's regular expressions mean by `\s`; JavaScript's `\s` has U+FEFF and lacks U+0085.
 */
const WORDS =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/**
 * A GPT-2 tokenizer: byte-level BPE (Radford et al., 2019). Any text can be written in it and comes back as it was; a character
 * may be spread over several tokens. Merging is Hugging Face's JavaScript library's.
 */
export class ByteLevelTokenizer {
  readonly vocabularySize: number;
  private readonly library: HuggingFaceTokenizer;
  private readonly special: RegExp | undefined;
  /** By id: what a token stands for; nothing for an id that no token has. */
  private readonly bytes: readonly (Uint8Array | undefined)[];
  private readonly encoder = new TextEncoder();

  /** @param endTokenId ends a text, and stands before one that begins with nothing; undefined where config.json names none */
  constructor(
    private readonly file: ByteLevelFile,
    readonly endTokenId: number | undefined,
  ) {
    this.vocabularySize = file.vocabularySize;
    this.library = new HuggingFaceTokenizer(file.content, {});
    const names = [...file.addedTokens.keys()].sort((a, b) => b.length - a.length);
    if (names.length > 0) this.special = new RegExp(`(${names.map(escapePattern).join('|')})`);
    const bytes: Uint8Array[] = [];
    for (const [token, id] of file.vocab)
      bytes[id] = Uint8Array.from(token, (symbol) => BYTE_OF.get(symbol) ?? 0x3f);
    for (const [token, id] of file.addedTokens) bytes[id] = this.encoder.encode(token);
    this.bytes = bytes;
  }

  /** Tokens that are written out in the text, such as <|endoftext|>, are these tokens. */
  encode(text: string): number[] {
    const ids: number[] = [];
    for (const part of this.special ? text.split(this.special) : [text]) {
      const added = this.file.addedTokens.get(part);
      if (added !== undefined) ids.push(added);
      else for (const word of part.match(WORDS) ?? []) this.addWord(word, ids);
    }
    return ids;
  }

  /** Added tokens are left out; bytes that are no UTF-8 become U+FFFD. */
  decode(ids: Iterable<number>): string {
    const decoder = this.streamDecoder();
    let text = '';
    for (const id of ids) text += decoder.add(id);
    return text + decoder.end();
  }

  /** A decoder for tokens that come one by one. */
  streamDecoder(): StreamDecoder {
    return new StreamDecoder((id) => (this.isAdded(id) ? NO_BYTES : (this.bytes[id] ?? NO_BYTES)));
  }

  /** One token alone, for showing: added tokens by name, broken characters as U+FFFD. */
  tokenText(id: number): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.bytes[id] ?? NO_BYTES);
  }

  private isAdded(id: number): boolean {
    for (const added of this.file.addedTokens.values()) if (added === id) return true;
    return false;
  }

  private addWord(word: string, ids: number[]): void {
    const symbols = Array.from(this.encoder.encode(word), (byte) => byteSymbols[byte]).join('');
    for (const token of this.library.model?.encode([symbols]) ?? [])
      ids.push(this.file.vocab.get(token) ?? 0);
  }
}

/** Text from tokens as they come: a character is given when its last byte is there, so no piece has half of one. */
export class StreamDecoder {
  // A byte order mark is text here: what was encoded comes back.
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(private readonly bytesOf: (id: number) => Uint8Array) {}

  /** @returns the characters that are complete with this token */
  add(id: number): string {
    return this.decoder.decode(this.bytesOf(id), { stream: true });
  }

  /** @returns U+FFFD for a character whose last bytes never came */
  end(): string {
    return this.decoder.decode();
  }
}
