/** Figures of generated texts, each text a list of token ids or words. NaN where there is nothing to count. */
export type Text = readonly (number | string)[];

export interface Quality {
  readonly texts: number;
  /** Mean number of tokens. */
  readonly length: number;
  readonly distinct1: number;
  readonly distinct2: number;
  readonly distinct3: number;
  /** Mean over texts of the share of their own 4-grams that had come before. */
  readonly repeated: number;
}

export function quality(texts: readonly Text[]): Quality {
  return {
    texts: texts.length,
    length: mean(texts.map(({ length }) => length)),
    distinct1: distinct(texts, 1),
    distinct2: distinct(texts, 2),
    distinct3: distinct(texts, 3),
    repeated: mean(texts.map((text) => repeatedShare(text, 4)).filter((share) => !Number.isNaN(share))),
  };
}

/** Different n-grams of all texts together, divided by all their n-grams (Li et al., 2016). */
export function distinct(texts: readonly Text[], n: number): number {
  const seen = new Set<string>();
  let all = 0;
  for (const text of texts) {
    for (const gram of ngrams(text, n)) {
      seen.add(gram);
      all++;
    }
  }
  return seen.size / all;
}

/** 1 - different / all n-grams of one text ("seq-rep-n" of Welleck et al., 2020). */
export function repeatedShare(text: Text, n: number): number {
  const grams = ngrams(text, n);
  return 1 - new Set(grams).size / grams.length;
}

/** exp of the mean negative log-probability over all tokens: long texts count more, as usual. @param logProbabilities in nats */
export function perplexity(logProbabilities: readonly (readonly number[])[]): number {
  return Math.exp(-mean(logProbabilities.flat()));
}

/** Each as one string; a number and the word of its digits differ. */
export function ngrams(text: Text, n: number): string[] {
  const tokens = text.map((token) => JSON.stringify(token));
  return Array.from({ length: Math.max(0, tokens.length - n + 1) }, (_, start) =>
    tokens.slice(start, start + n).join(' '),
  );
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
