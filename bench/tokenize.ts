import { join } from 'node:path';
import { readTextRows } from '../src/training/data/text-rows';
import { mediaFolder } from '../src/training/media';
import { loadEmbeddedTokenizer } from '../src/training/tokenizing/load-tokenizer';
import { type Piece, medians, stopwatch } from './piece';

const SENTENCES = 10_000;
const TARGET_MS = 2000;
const FILES = ['sentiment-sentences', 'brown'].flatMap((name) =>
  ['train', 'val', 'test'].map((part) => join(mediaFolder('data', name), `${part}.jsonl`)),
);

/** A new tokenizer each round, so no word is known from the round before. */
export const tokenize: Piece = {
  name: 'tokenize',
  summary: '10,000 sentences and passages into BERT’s tokens, with offsets and word ids',
  async measure({ rounds }) {
    const rows = (await Promise.all(FILES.map(readTextRows))).flat();
    const texts = Array.from({ length: SENTENCES }, (_, index) => rows[index % rows.length]?.text ?? '');
    const loading = [];
    const encoding = [];
    let tokens = 0;
    for (let round = 0; round < rounds; round++) {
      const load = stopwatch();
      const tokenizer = await loadEmbeddedTokenizer('minilm-l6');
      loading.push(load());
      const encode = stopwatch();
      tokens = 0;
      for (const text of texts) tokens += tokenizer.encode(text).ids.length;
      encoding.push(encode());
    }
    return {
      sentences: SENTENCES,
      differentTexts: rows.length,
      tokens,
      load: medians(loading),
      encode: medians(encoding),
      targetWallMs: TARGET_MS,
    };
  },
};
