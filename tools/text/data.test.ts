import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readEmbeddedWeights } from '../../src/training/weights/embedded';

const here = path.dirname(fileURLToPath(import.meta.url));
const media = path.join(here, '..', '..', 'media');
const parts = ['train', 'val', 'test'] as const;

interface Row {
  text: string;
  label: string;
  source?: string;
  document?: string;
  genre?: string;
  words?: string[];
  names?: string[];
  pos?: string[];
}

const readRows = (file: string): Row[] =>
  readFileSync(path.join(media, 'data', file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);

/** What two texts share, whatever their spaces, capitals and punctuation. */
const normalised = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/gu, '');

function countBy(values: readonly (string | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value ?? ''] = (counts[value ?? ''] ?? 0) + 1;
  return counts;
}

/** Normalised texts that two lists share. */
function shared(a: readonly Row[], b: readonly Row[]): string[] {
  const known = new Set(a.map(({ text }) => normalised(text)));
  return b.map(({ text }) => normalised(text)).filter((text) => known.has(text));
}

describe.each(['sentiment-sentences', 'sentiment-sentences/random-split'])('the data set %s', (folder) => {
  const [train, val, test] = parts.map((part) => readRows(`${folder}/${part}.jsonl`)) as [
    Row[],
    Row[],
    Row[],
  ];

  it('has 2,000 training, 460 validation and 500 test sentences of three sources', () => {
    expect([train.length, val.length, test.length]).toEqual([2000, 460, 500]);
    expect(countBy(test.map(({ source }) => source))).toEqual({ imdb: 160, yelp: 160, amazon: 180 });
    expect(countBy(val.map(({ source }) => source))).toEqual({ imdb: 160, yelp: 160, amazon: 140 });
  });

  it('is half positive in every part, within 2 in 100', () => {
    for (const rows of [train, val, test]) {
      const counts = countBy(rows.map(({ label }) => label));
      expect(Object.keys(counts).sort()).toEqual(['negative', 'positive']);
      expect(Math.abs((counts['positive'] ?? 0) / rows.length - 0.5)).toBeLessThan(0.02);
    }
  });

  it('has no empty sentence, no control character and no sentence twice, in or across parts', () => {
    const all = [...train, ...val, ...test];
    expect(all.every(({ text }) => text.trim() === text && text.length > 0)).toBe(true);
    expect(all.filter(({ text }) => /\p{Cc}/u.test(text))).toEqual([]);
    expect(
      new Set(
        all.map(({ text }) =>
          text
            .toLowerCase()
            .replaceAll(/[^a-z0-9]+/gu, ' ')
            .trim(),
        ),
      ).size,
    ).toBe(all.length);
  });
});

it('the two splits of sentiment-sentences deal the same sentences', () => {
  const all = (folder: string): Set<string> =>
    new Set(parts.flatMap((part) => readRows(`${folder}/${part}.jsonl`)).map(({ text }) => text));
  const [blocks, random] = [all('sentiment-sentences'), all('sentiment-sentences/random-split')];
  // 2,972 sentences, of which each split leaves 12 out.
  expect([...random].filter((text) => !blocks.has(text)).length).toBeLessThanOrEqual(12);
});

describe('the data set brown', () => {
  const [train, val, test] = parts.map((part) => readRows(`brown/${part}.jsonl`)) as [Row[], Row[], Row[]];
  const classes = ['fiction', 'government', 'learned', 'press'];

  it('has 320 training, 25 validation and 100 test passages of each of its four classes', () => {
    for (const [rows, count] of [
      [train, 320],
      [val, 25],
      [test, 100],
    ] as const) {
      expect(countBy(rows.map(({ label }) => label))).toEqual(
        Object.fromEntries(classes.map((name) => [name, count])),
      );
    }
  });

  it('tags every word: names as well-formed IOB2, and one of twelve parts of speech', () => {
    const tags = new Set('NOUN VERB ADJ ADV PRON DET ADP CONJ NUM PRT X .'.split(' '));
    const wrong = [...train, ...val, ...test].filter(({ text, words = [], names = [], pos = [] }) => {
      const complete = words.length >= 25 && names.length === words.length && pos.length === words.length;
      const wellFormed = names.every(
        (tag, i) =>
          ['O', 'B-NAME', 'I-NAME'].includes(tag) && (tag !== 'I-NAME' || (names[i - 1] ?? 'O') !== 'O'),
      );
      return (
        !(complete && wellFormed && pos.every((tag) => tags.has(tag))) ||
        normalised(words.join('')) !== normalised(text)
      );
    });
    expect(wrong).toEqual([]);
  });

  it('keeps whole documents in one part, and shares no passage between parts', () => {
    const [inTrain, inVal, inTest] = [train, val, test].map(
      (rows) => new Set(rows.map(({ document }) => document)),
    );
    expect([inTrain?.size, inVal?.size, inTest?.size]).toEqual([172, 40, 94]);
    expect(new Set([...(inTrain ?? []), ...(inVal ?? []), ...(inTest ?? [])]).size).toBe(172 + 40 + 94);
    expect([...shared(train, test), ...shared(train, val), ...shared(val, test)]).toEqual([]);
  });

  it("carries the corpus's own README, which permits redistribution", () => {
    const readme = readFileSync(path.join(media, 'data', 'brown', 'BROWN-CORPUS-README.txt'), 'utf8');
    expect(readme).toMatch(
      /Distributed with the permission of the copyright holder,\s+redistribution permitted/u,
    );
  });
});

describe('the data set moby-dick', () => {
  const chapters = (part: string): string[] =>
    readFileSync(path.join(media, 'data', 'moby-dick', `${part}.txt`), 'utf8')
      .trim()
      .split('\n\n\n');

  it('has 109 training, 14 validation and 13 test chapters, none of them twice', () => {
    expect(parts.map((part) => chapters(part).length)).toEqual([109, 14, 13]);
    expect(new Set(parts.flatMap(chapters).map(normalised)).size).toBe(136);
    expect(chapters('test').every((text) => /^CHAPTER \d*0\. /u.test(text))).toBe(true);
    expect(chapters('val').every((text) => /^CHAPTER \d*5\. /u.test(text))).toBe(true);
  });

  const list = path.join(media, 'models', 'gpt2-narrow', 'documents.csv');
  it('is not in the pretraining corpus of gpt2-narrow', () => {
    const [header, ...lines] = readFileSync(list, 'utf8').trimEnd().split('\n');
    expect(header).toBe('source,name,split,bytes,sha256Normalised');
    const rows = lines.map((line) => line.split(','));
    expect([...new Set(rows.map(([source]) => source))].sort()).toEqual([
      'austen',
      'brown',
      'sotu',
      'wordnet',
    ]);
    const seen = new Set(rows.map((row) => row.at(-1)));
    expect(seen.size).toBe(rows.length);
    const hashes = parts
      .flatMap(chapters)
      .map((text) => createHash('sha256').update(normalised(text)).digest('hex').slice(0, 16));
    expect(hashes.filter((hash) => seen.has(hash))).toEqual([]);
  });
});

describe('the embedded model gpt2-narrow', () => {
  const read = (name: string): string =>
    readFileSync(path.join(media, 'models', 'gpt2-narrow', name), 'utf8');
  const config = JSON.parse(read('config.json')) as Record<
    'vocab_size' | 'n_positions' | 'n_embd' | 'n_layer' | 'n_head' | 'eos_token_id',
    number
  >;

  it("has GPT2LMHeadModel's tensors in the sizes of its config.json, the head tied to the token table", async () => {
    const { vocab_size: tokens, n_positions: positions, n_embd: width, n_layer: layers } = config;
    const norm = (name: string): [string, number[]][] => [
      [`${name}.weight`, [width]],
      [`${name}.bias`, [width]],
    ];
    const linear = (name: string, inputs: number, outputs: number): [string, number[]][] => [
      [`${name}.weight`, [inputs, outputs]],
      [`${name}.bias`, [outputs]],
    ];
    const blocks = Array.from({ length: layers }, (_, i) => `transformer.h.${i}`);
    const expected: [string, number[]][] = [
      ['transformer.wte.weight', [tokens, width]],
      ['transformer.wpe.weight', [positions, width]],
      ...norm('transformer.ln_f'),
      ...blocks.flatMap((block) => [
        ...norm(`${block}.ln_1`),
        ...linear(`${block}.attn.c_attn`, width, 3 * width),
        ...linear(`${block}.attn.c_proj`, width, width),
        ...norm(`${block}.ln_2`),
        ...linear(`${block}.mlp.c_fc`, width, 4 * width),
        ...linear(`${block}.mlp.c_proj`, 4 * width, width),
      ]),
    ];
    const { tensors } = (await readEmbeddedWeights('gpt2-narrow')).content;
    expect(Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]))).toEqual(
      Object.fromEntries(expected),
    );
    expect(new Set([...tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['F16', 'I8']));
  });

  it('has a token for each byte, for each merge, and one for the end of a text, its last', () => {
    const vocabulary = JSON.parse(read('vocab.json')) as Record<string, number>;
    const merges = read('merges.txt').trimEnd().split('\n').slice(1);
    expect(Object.keys(vocabulary)).toHaveLength(config.vocab_size);
    expect(256 + merges.length + 1).toBe(config.vocab_size);
    expect(new Set(Object.values(vocabulary)).size).toBe(config.vocab_size);
    expect(vocabulary['<|endoftext|>']).toBe(config.vocab_size - 1);
    expect(config.eos_token_id).toBe(config.vocab_size - 1);
    expect(merges.filter((merge) => vocabulary[merge.replace(' ', '')] === undefined)).toEqual([]);
  });
});
