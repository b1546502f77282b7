/** No loss and no score where a token has this label (as torch.nn.CrossEntropyLoss's `ignore_index`). */
export const IGNORED_LABEL = -100;

/**
 * Labels of words on the first piece of each; -100 on other pieces, special tokens and, up to `length`, padding. A word whose
 * first piece was cut off, or that has no piece, is not asked for.
 * @param wordIds of one encoding (`encodeWords`)
 * @param labels one for each word
 */
export function labelFirstPieces(
  wordIds: readonly (number | null)[],
  labels: readonly number[],
  length = wordIds.length,
): number[] {
  const out = new Array<number>(length).fill(IGNORED_LABEL);
  let before: number | null = null;
  for (const [place, word] of wordIds.entries()) {
    if (word !== null && word !== before) {
      const label = labels[word];
      if (label === undefined) throw new RangeError(`Word ${word} has no label; there are ${labels.length}`);
      out[place] = label;
    }
    before = word;
  }
  return out;
}

/** The words' labels again, from what was predicted for each token; `missing` for a word that was cut off or has no piece. */
export function labelsOfWords(
  wordIds: readonly (number | null)[],
  predicted: ArrayLike<number>,
  words: number,
  missing: number,
): number[] {
  const out = new Array<number>(words).fill(missing);
  let before: number | null = null;
  for (const [place, word] of wordIds.entries()) {
    if (word !== null && word !== before) out[word] = predicted[place] ?? missing;
    before = word;
  }
  return out;
}
