import type { Encoding } from './tokenizer';

/** What BERT takes, row after row: each `[rows, length]`. */
export interface PaddedBatch {
  readonly shape: readonly [rows: number, length: number];
  readonly inputIds: Int32Array;
  /** 1 = a token, 0 = padding. */
  readonly attentionMask: Int32Array;
  readonly tokenTypeIds: Int32Array;
}

/** Pads at the end. @throws {RangeError} if a text has more than `length` tokens: what does not fit is cut when it is encoded. */
export function padBatch(
  encodings: readonly Pick<Encoding, 'ids' | 'typeIds'>[],
  length: number,
  padId: number,
): PaddedBatch {
  const size = encodings.length * length;
  const inputIds = new Int32Array(size).fill(padId);
  const attentionMask = new Int32Array(size);
  const tokenTypeIds = new Int32Array(size);
  for (const [row, { ids, typeIds }] of encodings.entries()) {
    if (ids.length > length) throw new RangeError(`Row ${row} has ${ids.length} tokens, padded to ${length}`);
    inputIds.set(ids, row * length);
    tokenTypeIds.set(typeIds, row * length);
    attentionMask.fill(1, row * length, row * length + ids.length);
  }
  return { shape: [encodings.length, length], inputIds, attentionMask, tokenTypeIds };
}

/** How much of a data set did not fit; `texts` is 0 where all is whole. */
export interface CutTexts {
  readonly texts: number;
  readonly tokens: number;
}

export function countCut(encodings: readonly Pick<Encoding, 'cut'>[]): CutTexts {
  return {
    texts: encodings.filter(({ cut }) => cut > 0).length,
    tokens: encodings.reduce((sum, { cut }) => sum + cut, 0),
  };
}
