import type { DataReport } from './data-report';

/** A picture that stands for its class. `file` is absolute. */
export interface Sample {
  readonly file: string;
  readonly split: 'train' | 'val' | 'test';
}

/** What happens to each picture before the network sees it. */
export interface Preparation {
  /** Pixels: the middle square that is kept. */
  readonly imageSize: number;
  /** Pixels of the shorter side after resizing. */
  readonly resizedTo: number;
  readonly interpolation: 'bilinear' | 'bicubic';
  /** Of red, green and blue, 0..1. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** Where this is written; in words. */
  readonly source: string;
  /** Pixels that the weights were trained on, where it is known. */
  readonly trainedOn?: number;
}

/** The data of an experiment, looked at before a run. `kind` leaves room for sentences. */
export interface DataLook {
  readonly kind: 'pictures';
  readonly experiment: string;
  /** Names the settings that it follows from: where they are the same, nothing need be read again. */
  readonly key: string;
  /** Where the pictures are listed. */
  readonly listedBy: 'folders' | 'csv';
  readonly report: DataReport;
  /** Of a validation set that is drawn. */
  readonly draw: { readonly valFraction: number; readonly seed: number };
  readonly preparation: Preparation;
  /** Some pictures of each class, in the order of the report's classes. */
  readonly samples: readonly (readonly Sample[])[];
  /** What could not be found out here, and what was taken instead; in words. */
  readonly assumptions: readonly string[];
}

/** What the view "Look at the data" draws. */
export type DataContent =
  | {
      readonly kind: 'reading';
      readonly experiment: string;
      /** Pictures. */
      readonly done?: number;
      readonly total?: number;
    }
  | { readonly kind: 'look'; readonly look: DataLook; readonly file: string; readonly saved: boolean }
  | {
      readonly kind: 'problem';
      readonly experiment: string;
      readonly message: string;
      readonly remedy: string;
    };

/** Functions of the view that the editor calls (birpc). */
export interface DataViewFunctions {
  show(content: DataContent): void;
}

/** Functions of the editor that the view calls. */
export interface DataHostFunctions {
  /** The view has loaded and can draw. Answered with `show`. */
  ready(): void;
  /** The pictures may have changed: look again. */
  again(): void;
  /** Small pictures as data: addresses, in the order asked; undefined where a file is gone or was not named by what is shown. */
  thumbnails(files: readonly string[]): Promise<readonly (string | undefined)[]>;
  openFile(file: string): void;
}
