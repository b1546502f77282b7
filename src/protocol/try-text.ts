/** A text may have as many UTF-16 units to be tried: about a megabyte. */
export const MOST_TEXT_UNITS = 2 ** 20;

/** What a network says of one text. */
export interface TriedText {
  /** What was read: without what was cut, control characters as spaces. */
  readonly text: string;
  readonly numClasses: number;
  /** The surest first; at most five. */
  readonly classes: readonly TriedTextClass[];
  readonly words: readonly TriedWord[];
  /** That were read, special ones included. */
  readonly tokens: number;
  /** Tokens that did not fit and were not read. */
  readonly cut: number;
  readonly maxTokens: number;
}

export interface TriedTextClass {
  readonly name: string;
  readonly logit: number;
  /** Of all classes together 1. */
  readonly probability: number;
  /** Gradient times input of [CLS] and [SEP], which stand around every text. */
  readonly special: number;
  /** Of all words and special tokens: it would be the logit, less a bias, if the network were linear. */
  readonly sum: number;
}

/** A word as the tokenizer sees it: punctuation is one, too. */
export interface TriedWord {
  /** In `text`, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly pieces: number;
  /** Gradient times input for each of the classes, summed over the word's pieces; what it adds to the class's logit. */
  readonly pushes: readonly number[];
}
