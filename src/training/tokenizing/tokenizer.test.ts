import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTextRows } from '../data/text-rows';
import { mediaFolder } from '../media';
import { problemOf } from '../testing/problem-of';
import { loadEmbeddedTokenizer, loadTokenizer } from './load-tokenizer';
import reference from './reference.json';
import type { BertTokenizer, Encoding } from './tokenizer';

// The values of Hugging Face's own tokenizer (Rust): tools/text/tokenizer_reference.py.
let tokenizer: BertTokenizer;
beforeAll(async () => {
  tokenizer = await loadEmbeddedTokenizer('minilm-l6');
});

const told = ({ ids, typeIds, wordIds, offsets }: Encoding): unknown => ({ ids, typeIds, wordIds, offsets });

describe('the tokenizer of MiniLM', () => {
  it.each(reference.texts)('reads $text as the original does', ({ text, ...expected }) => {
    expect(told(tokenizer.encode(text))).toEqual(expected);
  });

  it.each(reference.pairs)(
    'reads the pair $text | $pair as the original does',
    ({ text, pair, ...expected }) => {
      expect(told(tokenizer.encode(text, { pair }))).toEqual(expected);
    },
  );

  it.each(reference.words)('reads the words $words as the original does', ({ words, ...expected }) => {
    expect(told(tokenizer.encodeWords(words))).toEqual(expected);
  });

  it.each(reference.cut)('cuts "$text" with "$pair" to $maxLength as the original does', (one) => {
    const { text, pair, maxLength, ids } = one;
    const encoding = tokenizer.encode(text, { pair, maxLength });
    expect(encoding.ids).toEqual(ids);
    expect(encoding.cut).toBe(tokenizer.encode(text, { pair }).ids.length - ids.length);
  });

  it.each(reference.data)(
    'makes the original’s $tokens tokens of media/data/$file',
    async ({ file, tokens, sha256 }) => {
      const rows = await readTextRows(mediaFolder('data', file));
      const all = rows.map(({ text }) => tokenizer.encode(text).ids);
      expect(all.reduce((sum, { length }) => sum + length, 0)).toBe(tokens);
      const written = all.map((ids) => ids.join(' ')).join('\n');
      expect(createHash('sha256').update(written).digest('hex')).toBe(sha256);
    },
  );

  it('points with its offsets into the text, also behind emoji and accents', () => {
    const text = '😀 Ein Café in Zürich';
    const { offsets, wordIds } = tokenizer.encode(text);
    const words = new Map<number, string>();
    for (const [index, word] of wordIds.entries())
      if (word !== null) words.set(word, (words.get(word) ?? '') + text.slice(...(offsets[index] ?? [0, 0])));
    expect([...words.values()]).toEqual(['😀', 'Ein', 'Café', 'in', 'Zürich']);
  });

  it('cuts to the positions of the model and says by how many tokens', () => {
    // "a" is one token: 600 of them and two special tokens, of which 512 fit.
    const { ids, cut } = tokenizer.encode('a '.repeat(600));
    expect([ids.length, cut]).toEqual([512, 90]);
    expect(tokenizer.encode('short').cut).toBe(0);
  });

  it.each([513, 2, 0, -1, 7.5, NaN])('refuses maxLength %s with the numbers that fit', (maxLength) => {
    expect(() => tokenizer.encode('a', { maxLength })).toThrow('the model has 512 positions, and 2 of them');
  });

  it('bears a megabyte without a space, lone surrogates and a hundred thousand accents', () => {
    const unknown = 100; // [UNK] of BERT's vocabulary: a word of more than 100 characters
    expect(tokenizer.encode('x'.repeat(2 ** 20)).ids).toEqual([101, unknown, 102]);
    expect(tokenizer.encode(`a${'\u0301'.repeat(100_000)}`).ids).toEqual(tokenizer.encode('a').ids);
    expect(tokenizer.encode('bad \ud83d end').ids).toEqual(tokenizer.encode('bad end').ids);
  });

  it('is that of the whole model for one that is its first layers', async () => {
    const small = await loadEmbeddedTokenizer('minilm-l2');
    expect(small.encode('Hello, world!').ids).toEqual(tokenizer.encode('Hello, world!').ids);
  });
});

describe('a tokenizer.json', () => {
  const folder = mkdtempSync(join(tmpdir(), 'transfer-lab-tokenizer-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const original = readFileSync(join(mediaFolder('models', 'minilm-l6'), 'tokenizer.json'), 'utf8');
  type Content = Record<string, unknown> & { model: { vocab: Record<string, number> } };
  const put = (
    content: unknown,
    config: unknown = { vocab_size: 30522, max_position_embeddings: 512 },
  ): string => {
    writeFileSync(
      join(folder, 'tokenizer.json'),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    return folder;
  };
  const changed = (change: (content: Content) => void): Content => {
    const content = JSON.parse(original) as Content;
    change(content);
    return content;
  };

  it('that pads and cuts to 128, as published ones do, has no say in either', async () => {
    const content = changed((json) => {
      json['padding'] = {
        strategy: { Fixed: 128 },
        direction: 'Right',
        pad_id: 0,
        pad_type_id: 0,
        pad_token: '[PAD]',
      };
      json['truncation'] = { direction: 'Right', max_length: 128, strategy: 'LongestFirst', stride: 0 };
    });
    const loaded = await loadTokenizer(put(content));
    expect(loaded.encode('Hello, world!').ids).toHaveLength(6);
    expect(loaded.encode('a '.repeat(300)).ids).toHaveLength(302);
  });

  it('with the older BertProcessing makes the same sequences', async () => {
    const content = changed((json) => {
      json['post_processor'] = { type: 'BertProcessing', sep: ['[SEP]', 102], cls: ['[CLS]', 101] };
    });
    const loaded = await loadTokenizer(put(content));
    expect(told(loaded.encode('One', { pair: 'two' }))).toEqual(
      told(tokenizer.encode('One', { pair: 'two' })),
    );
  });

  it.each([
    ['fewer word vectors than tokens', 28996, true],
    ['as many', 30522, false],
    ['some more, up to a multiple of 128', 30592, false],
    ['many more', 119547, true],
  ])('for a checkpoint with %s is refused or not, with both sizes', async (_, rows, refused) => {
    const loading = loadTokenizer(put(original, { vocab_size: rows, max_position_embeddings: 512 }));
    if (refused)
      await expect(loading).rejects.toThrow(
        `has 30522 tokens, but the checkpoint has word vectors for ${rows}`,
      );
    else expect((await loading).vocabularySize).toBe(30522);
  });

  it('that is missing, damaged or of another family is named', async () => {
    await expect(loadTokenizer(join(folder, 'nowhere'))).rejects.toThrow('In the folder: nothing');
    expect(await problemOf(loadTokenizer(put('<html>not found</html>')))).toBe('tokenizer-invalid');
    expect(await problemOf(loadTokenizer(put(original, { vocab_size: 30522 })))).toBe('tokenizer-invalid');
    expect(await problemOf(loadTokenizer(put(changed((json) => delete json.model.vocab['[UNK]']))))).toBe(
      'tokenizer-invalid',
    );
    await expect(loadTokenizer(mediaFolder('models', 'gpt2-narrow'))).rejects.toThrow(
      'no tokenizer of the BERT family',
    );
    expect(await problemOf(loadTokenizer(mediaFolder('models', 'resnet10-narrow')))).toBe(
      'tokenizer-missing',
    );
  });
});
