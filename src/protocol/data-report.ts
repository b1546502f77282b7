import type { Problem } from './errors';

/** Pictures that one class has in each split. */
export interface ClassCounts {
  readonly className: string;
  readonly train: number;
  readonly val: number;
  readonly test: number;
}

/** Two pictures that look almost the same, of which one is trained on and the other measures. */
export interface NearDuplicate {
  readonly file: string;
  readonly split: 'train' | 'val' | 'test';
  readonly other: string;
  readonly otherSplit: 'train' | 'val' | 'test';
}

/** What pictures were before they became RGB, 8 bits, upright; counts. */
export interface Conversions {
  readonly greyscale: number;
  readonly cmyk: number;
  readonly sixteenBit: number;
  /** Had transparent parts. */
  readonly alpha: number;
  /** Of animated pictures the first frame is used. */
  readonly animated: number;
  /** Turned upright as the camera noted (EXIF orientation). */
  readonly rotated: number;
}

/** Something about the data to look at before a run. */
export interface DataWarning extends Problem {
  /** What it is about, the first 50; of two that belong together, one after the other. Absolute paths. */
  readonly files?: readonly string[];
}

/** What a data set is like, before anything is trained on it. Lists of files hold the first 50 at most. */
export interface DataReport {
  readonly name: string;
  /** Absolute path of the folder or CSV file. */
  readonly root: string;
  /** 'drawn': the validation set was drawn from all pictures. */
  readonly split: 'given' | 'drawn';
  readonly classes: readonly ClassCounts[];
  /** Pixels, width and height of the files, by area. Absent without a readable picture. */
  readonly sizes?: {
    readonly smallest: readonly [number, number];
    readonly median: readonly [number, number];
    readonly largest: readonly [number, number];
  };
  /** Pictures of each kind: { png: 30, jpeg: 5 }. */
  readonly formats: Readonly<Record<string, number>>;
  readonly conversions: Conversions;
  readonly skipped: {
    readonly count: number;
    readonly files: readonly { readonly file: string; readonly reason: string }[];
  };
  /** Of `skipped`, those that are there more than once. Journals of earlier versions lack it. */
  readonly duplicates?: number;
  readonly nearDuplicates: { readonly count: number; readonly pairs: readonly NearDuplicate[] };
  readonly warnings: readonly DataWarning[];
}
