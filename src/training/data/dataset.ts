import type { DataInfo } from '../../protocol/events';
import type { Preprocessing } from '../weights/preprocessing';
import type { Encoding } from '../tokenizing/tokenizer';
import { permutation, randomStream } from '../random';

export type SplitName = 'train' | 'val' | 'test';

/** Items of one split: pictures or texts. */
export interface Split {
  readonly count: number;
  /** Of the items; of tagged texts, those of all their words that are asked for, one text after another. So are files and texts. */
  readonly labels: Int32Array;
  /** Absolute paths; FILE:LINE where a file has many texts. */
  readonly files: readonly string[];
  /** What the items say, where they are texts. */
  readonly texts?: readonly string[];
}

/** What data of every kind answers. */
export interface Dataset {
  readonly info: DataInfo;
  readonly classNames: readonly string[];
  readonly splits: Readonly<Record<SplitName, Split>>;
  /** Changes when an item, its class, its place or its preparation changes. */
  readonly fingerprint: string;
}

export interface PictureSplit extends Split {
  /** `[count, ...itemShape]` */
  readonly values: Float32Array;
}

export interface PictureDataset extends Dataset {
  readonly kind: 'pictures';
  /** Of one picture: [height, width, 3]. */
  readonly itemShape: readonly number[];
  readonly splits: Readonly<Record<SplitName, PictureSplit>>;
  /** How values 0..1 became what the splits hold: (value − mean) / std per channel. */
  readonly preprocessing: Preprocessing;
}

export interface TextSplit extends Split {
  /** Not padded. */
  readonly encodings: readonly Encoding[];
  readonly texts: readonly string[];
  /** Where a word, not the text, has a class. */
  readonly tagged?: readonly TaggedText[];
}

/** A text whose words have tags. */
export interface TaggedText {
  /** Of each word. */
  readonly tags: readonly string[];
  /** Words that are asked for: those whose first token was not cut off. */
  readonly asked: readonly number[];
  /** For each token: the class of the word that it begins; -100 elsewhere. */
  readonly tokenLabels: readonly number[];
}

export interface TextDataset extends Dataset {
  readonly kind: 'texts';
  readonly splits: Readonly<Record<SplitName, TextSplit>>;
  /** Id of the token that fills rows up. */
  readonly padId: number;
  /** Texts are cut to so many tokens, special ones included. */
  readonly maxTokens: number;
  /** How the texts became tokens, in words. */
  readonly told: string;
}

/** Everything that can be trained on. */
export type AnyDataset = PictureDataset | TextDataset;

/** Which items one step sees. */
export interface BatchIndices {
  /** As many as the batch size. */
  readonly indices: Int32Array;
  /** The first `counted` of them count for loss and accuracy; the others fill a late batch up. */
  readonly counted: number;
}

/**
 * The order of an epoch is a function of (seed, epoch), so training can go on in the middle of it. A late last batch is
 * filled up with pictures from the epoch's beginning: BatchNorm sees real pictures, the loss does not count them twice.
 * @param epoch from 0
 * @param step of the epoch, from 0
 */
export function batchIndices(
  count: number,
  batchSize: number,
  seed: number,
  epoch: number,
  step: number,
): BatchIndices {
  const order = permutation(randomStream(seed, `order/${epoch}`), count);
  const start = step * batchSize;
  const indices = Int32Array.from({ length: batchSize }, (_, row) => order[(start + row) % count] ?? 0);
  return { indices, counted: Math.min(batchSize, count - start) };
}

export function stepsPerEpoch(count: number, batchSize: number): number {
  return Math.ceil(count / batchSize);
}

/** Where the rows of each item begin, one item after another, and where those of the last end. @param rows of each item */
export function startsOf(rows: readonly number[]): number[] {
  const starts = [0];
  for (const [index, count] of rows.entries()) starts.push((starts[index] ?? 0) + count);
  return starts;
}

/** Copies items of `source` into `target`, one after another. */
export function gatherRows(
  source: Float32Array,
  indices: ArrayLike<number>,
  rowSize: number,
  target: Float32Array,
): void {
  for (let row = 0; row < indices.length; row++) {
    const start = (indices[row] ?? 0) * rowSize;
    target.set(source.subarray(start, start + rowSize), row * rowSize);
  }
}
