import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTextRows } from '../data/text-rows';
import { mediaFolder } from '../media';
import { problemOf } from '../testing/problem-of';
import reference from './byte-level-reference.json';
import type { ByteLevelTokenizer } from './byte-level-tokenizer';
import { loadByteLevelTokenizer, loadEmbeddedByteLevelTokenizer } from './load-tokenizer';

// The values of Hugging Face's own tokenizer (Rust): tools/text/byte_level_reference.py.
let tokenizer: ByteLevelTokenizer;
beforeAll(async () => {
  tokenizer = await loadEmbeddedByteLevelTokenizer('gpt2-narrow');
});

describe('the tokenizer of GPT-2', () => {
  it.each(reference.texts)('reads and writes $text as the original does', ({ text, ids, decoded }) => {
    expect(tokenizer.encode(text)).toEqual(ids);
    expect(tokenizer.decode(ids)).toBe(decoded);
  });

  it.each(reference.broken)(
    'writes $ids, which break characters, as the original does',
    ({ ids, decoded }) => {
      expect(tokenizer.decode(ids)).toBe(decoded);
    },
  );

  it.each(reference.data)('makes the original’s $tokens tokens of media/data/$file', async (one) => {
    const rows = await readTextRows(mediaFolder('data', one.file));
    const all = rows.map(({ text }) => tokenizer.encode(text));
    expect(all.reduce((sum, { length }) => sum + length, 0)).toBe(one.tokens);
    const written = all.map((ids) => ids.join(' ')).join('\n');
    expect(createHash('sha256').update(written).digest('hex')).toBe(one.sha256);
  });

  it('gives back every text as it was, in pieces that never end within a character', () => {
    const property = fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const ids = tokenizer.encode(text);
      const decoder = tokenizer.streamDecoder();
      const pieces = [...ids.map((id) => decoder.add(id)), decoder.end()];
      expect(pieces.join('')).toBe(text);
      for (const piece of pieces) {
        expect(piece).not.toMatch(/\p{Surrogate}/u);
        expect(piece.includes('\ufffd') && !text.includes('\ufffd')).toBe(false);
      }
    });
    fc.assert(property, { seed: 1, numRuns: 300, examples: [['😀👩‍👩‍👧‍👦'], ['\ufeff€'], ['']] });
  });

  it('holds a character back until its last byte is there', () => {
    const ids = tokenizer.encode('a€');
    expect(ids.length).toBeGreaterThan(2); // the euro sign is no token of this vocabulary
    const decoder = tokenizer.streamDecoder();
    const pieces = ids.map((id) => decoder.add(id));
    expect(pieces.slice(1, -1).join('')).toBe('');
    expect([pieces[0], pieces.at(-1)]).toEqual(['a', '€']);
    const cut = tokenizer.streamDecoder();
    for (const id of ids.slice(0, -1)) cut.add(id);
    expect(cut.end()).toBe('\ufffd');
  });

  it('knows the token that ends a text, which no decoded text shows', () => {
    expect(tokenizer.endTokenId).toBe(4095);
    expect(tokenizer.encode('<|endoftext|>')).toEqual([4095]);
    expect(tokenizer.decode([4095])).toBe('');
    expect(tokenizer.tokenText(4095)).toBe('<|endoftext|>');
    expect(tokenizer.tokenText(99_999)).toBe('');
  });
});

describe('a tokenizer.json', () => {
  const folder = mkdtempSync(join(tmpdir(), 'transfer-lab-byte-level-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const original = readFileSync(join(mediaFolder('models', 'gpt2-narrow'), 'tokenizer.json'), 'utf8');
  type Content = Record<string, unknown> & { model: Record<string, unknown> & { merges: string[][] } };
  const put = (change: (content: Content) => void, config: unknown = { vocab_size: 4096 }): string => {
    const content = JSON.parse(original) as Content;
    change(content);
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(content));
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    return folder;
  };

  it('in the form of the published GPT-2 makes the same tokens', async () => {
    const published = await loadByteLevelTokenizer(
      put((content) => {
        delete content.model['type'];
        content.model['unk_token'] = '';
        content.model.merges = content.model.merges.map((merge) => [merge].flat().join(' ')) as never;
        content['added_tokens'] = [{ id: 4095, content: '<|endoftext|>', normalized: true, special: true }];
      }),
    );
    for (const { text, ids } of reference.texts) expect(published.encode(text)).toEqual(ids);
    expect(published.endTokenId).toBeUndefined();
  });

  it('of another kind, with too few bytes or for another checkpoint is refused by name', async () => {
    await expect(loadByteLevelTokenizer(mediaFolder('models', 'minilm-l6'))).rejects.toThrow(
      'no tokenizer of the GPT-2 family',
    );
    const spaced = put(
      (content) => (content['pre_tokenizer'] = { type: 'ByteLevel', add_prefix_space: true }),
    );
    await expect(loadByteLevelTokenizer(spaced)).rejects.toThrow('pre_tokenizer.add_prefix_space');
    const fewer = put((content) => {
      content.model['vocab'] = { a: 0 };
    });
    expect(await problemOf(loadByteLevelTokenizer(fewer))).toBe('tokenizer-invalid');
    const other = put(() => undefined, { vocab_size: 50_257 });
    await expect(loadByteLevelTokenizer(other)).rejects.toThrow('word vectors for 50257');
  });
});
