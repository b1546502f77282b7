import { LearnerError } from '../../protocol/errors';
import type { SplitName } from './dataset';
import type { Look } from './perceptual-hash';
import type { PictureFacts } from './picture-file';
import type { Labelled } from './split';

export interface Skip {
  readonly file: string;
  readonly reason: string;
}

export interface Found {
  /** Absolute. */
  readonly file: string;
  /** Index into the class names. */
  readonly label: number;
  /** undefined: to be drawn. */
  readonly split?: SplitName;
}

/** Which pictures a data set has, before any of them is opened. */
export interface Listing {
  /** Absolute path of the folder or CSV file. */
  readonly root: string;
  readonly classNames: readonly string[];
  readonly found: readonly Found[];
  readonly skipped: readonly Skip[];
}

export interface Picture extends Labelled, Found {
  /** Empty where it is only looked at: ten thousand pictures would not fit into memory. */
  readonly pixels: Float32Array;
  readonly facts: PictureFacts;
  readonly look: Look;
}

/** A data set that was read: what can be used of it, and what was left out. */
export interface Gathered {
  readonly listing: Listing;
  readonly splits: Readonly<Record<SplitName, readonly Picture[]>>;
  readonly drawn: boolean;
  /** In order of their names. */
  readonly skipped: readonly Skip[];
  /** Copies of other pictures, left out. */
  readonly duplicates: number;
  /** Of the same picture under two classes. */
  readonly conflicts: readonly { readonly item: Picture; readonly same: Picture }[];
}

/** @throws {LearnerError} if a network could not learn anything from the list */
export function checkListing({ root, classNames, found, skipped }: Listing): void {
  if (found.length > 0 && classNames.length >= 2) return;
  if (found.length === 0) {
    const [first] = skipped;
    const left = first ? ` (${skipped.length} files left out, first ${first.file}: ${first.reason})` : '';
    throw new LearnerError({
      code: 'data-folder-empty',
      message: `${root} has no pictures in class folders${left}.`,
      remedy: 'Put a folder per class into it, each with pictures (png, jpg, webp).',
    });
  }
  throw new LearnerError({
    code: 'data-one-class',
    message: `${root} has one class only: ${classNames[0] ?? 'none'}.`,
    remedy: 'Add pictures of a second class: a network learns to tell classes apart.',
  });
}
