import type { Answer } from './checking';
import type { Problem } from './errors';

/** A picture may be as large as this to be tried, in bytes. */
export const MOST_PICTURE_BYTES = 50 * 1024 * 1024;
/** How many of the classes are shown. */
export const SHOWN_CLASSES = 5;

/** What a network says of one picture. */
export interface TriedPicture {
  /** As the network saw it: the data: address of a PNG of `side` x `side` pixels. */
  readonly address: string;
  readonly side: number;
  /** How it was prepared, in sentences. */
  readonly prepared: readonly string[];
  readonly numClasses: number;
  /** The surest first; at most five. */
  readonly classes: readonly TriedClass[];
  /** Where the heat maps were read. */
  readonly layer: MapLayer;
  /** Where they could be read, from input to output. */
  readonly layers: readonly MapLayer[];
}

export interface TriedClass {
  readonly name: string;
  readonly logit: number;
  /** Of all classes together 1. */
  readonly probability: number;
  /** Grad-CAM of this class, 0..1, row by row; all 0 where nothing in the map speaks for it. */
  readonly heat: readonly number[];
}

/** A feature map of the network. */
export interface MapLayer {
  /** 'layer4' */
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
}

/** What the predicting process is asked. */
export interface TryRequest {
  /** Absolute path. */
  readonly file: string;
  /** What people call it; default: the file's name. */
  readonly name?: string;
  /** Where the heat maps are read; default: the last feature map. */
  readonly layer?: string;
}

/** What the predicting process can be asked. */
export interface PredictingFunctions {
  /** Loads the network, so that the first picture does not wait for it. */
  open(): Promise<Answer<null>>;
  predict(request: TryRequest): Promise<Answer<TriedPicture>>;
}

/** All that the view draws. */
export interface TryContent {
  /** Of the run whose best weights are used. */
  readonly directory: string;
  readonly title: string;
  /** The network is being loaded. */
  readonly opening?: true;
  /** Name of the picture that is being looked at. */
  readonly busy?: string;
  readonly problem?: Pick<Problem, 'message' | 'remedy'>;
  readonly result?: { readonly name: string; readonly picture: TriedPicture };
}

/** Functions of the view that the editor calls (birpc). */
export interface TryViewFunctions {
  show(content: TryContent): void;
}

/** Functions of the editor that the view calls. */
export interface TryHostFunctions {
  /** Answered with `show`. */
  ready(): void;
  /** Opens the dialog for a file. */
  choose(): void;
  /** A picture that was dropped or pasted. @param bytes at most `MOST_PICTURE_BYTES` */
  tryBytes(name: string, bytes: Uint8Array): void;
  /** A file that was dragged out of the editor's own lists. @param address file:… */
  tryFile(address: string): void;
  /** The same picture again, its heat maps read at another layer. */
  readLayer(name: string): void;
}

/** Kept over hiding and reload. The editor reads `directory`. */
export interface TryViewState {
  readonly version: 1;
  readonly directory: string;
  readonly content: TryContent;
}
