import {
  taggedDataSchema,
  textDataSchema,
  type TaggedData,
  type TextData,
} from '../training/data/text/text-source';
import { check } from '../training/experiment';

/** Options of `textFile` and `textFolder`. */
export interface TextOptions {
  /** Texts are cut to so many tokens, special ones included; a network takes time for each. Default 128. */
  readonly maxTokens?: number;
  /** Of the split, and of what `trainCount` draws. Default 1. */
  readonly seed?: number;
  /** Share of each class for validation where the data names none. Default 0.2. */
  readonly valFraction?: number;
  /** Only so many training texts, drawn evenly from the classes: to ask how many are needed. Default: all. */
  readonly trainCount?: number;
  /** Default: the column called text, sentence, sentence1, review, comment or content. */
  readonly textColumn?: string;
  /** The second text of a pair, such as a question's passage. Default: there is none. */
  readonly pairColumn?: string;
  /** Default: the column called label, class, category or target. */
  readonly labelColumn?: string;
  /** With train, val or test in each row. Default: the column called split, if there is one. */
  readonly splitColumn?: string;
  /** What stays together when a validation set is drawn: a document, an author. Default: each text stands for itself. */
  readonly blockColumn?: string;
  /** So many neighbours of the file stay together, where no column says what does. */
  readonly blockSize?: number;
}

function texts(kind: TextData['kind'], path: string, options: TextOptions, what: string): TextData {
  const data = { kind, path, maxTokens: 128, seed: 1, valFraction: 0.2, ...options };
  check(textDataSchema, data, what, 'data-invalid');
  return Object.freeze(data);
}

/**
 * Texts of one file, with their classes: CSV, TSV, or JSON Lines.
 *
 * ```csv
 * text,label
 * I liked it a lot.,positive
 * Never again!,negative
 * ```
 * ```ts
 * data: textFile('data/reviews.csv', { maxTokens: 64, seed: 1 })
 * ```
 * Rows without a text or a class are left out, numbered and counted. Where no row says val, a share of each class becomes the
 * validation set; the same text twice never lands on both sides.
 *
 * @param path relative to the file that the experiment is in
 */
export const textFile = (path: string, options: TextOptions = {}): TextData =>
  texts('text-file', path, options, 'textFile');

/**
 * Texts in a folder. Two layouts work:
 *
 * - **a file for each split**: `train.jsonl`, `val.jsonl` and perhaps `test.jsonl` (or .csv, .tsv), as `textFile` reads them;
 * - **a folder for each class** with a `.txt` file for each text, perhaps under `train/`, `val/` and `test/`.
 *
 * @param path relative to the file that the experiment is in
 */
export const textFolder = (path: string, options: TextOptions = {}): TextData =>
  texts('text-folder', path, options, 'textFolder');

/** Options of `taggedFile`. */
export interface TaggedOptions extends Pick<
  TextOptions,
  'maxTokens' | 'seed' | 'valFraction' | 'trainCount' | 'splitColumn' | 'blockColumn'
> {
  /** The field that lists the words. Default 'words'. */
  readonly wordsColumn?: string;
  /** The field that lists a tag for each word. Default 'tags'. */
  readonly tagsColumn?: string;
}

/**
 * Texts whose words have tags: names, parts of speech. JSON Lines, one text a line:
 *
 * ```json
 * {"words": ["Ann", "left", "Paris"], "tags": ["B-PER", "O", "B-LOC"]}
 * ```
 * ```ts
 * data: taggedFile('data/brown', { tagsColumn: 'names', maxTokens: 64 })
 * ```
 * A network answers for each token; a word's answer is that of its first. Tags that begin with B- and I- (IOB2) mark entities:
 * then entities found whole are scored, too.
 *
 * @param path of a file, or of a folder with `train.jsonl`, `val.jsonl` and perhaps `test.jsonl`; relative to the file that the
 *   experiment is in
 */
export function taggedFile(path: string, options: TaggedOptions = {}): TaggedData {
  const data = {
    kind: 'tagged-file' as const,
    path,
    wordsColumn: 'words',
    tagsColumn: 'tags',
    maxTokens: 128,
    seed: 1,
    valFraction: 0.2,
    ...options,
  };
  check(taggedDataSchema, data, 'taggedFile', 'data-invalid');
  return Object.freeze(data);
}
