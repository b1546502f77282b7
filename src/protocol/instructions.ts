import type { CheckStatus, ExerciseProgress } from './exercise';

/** What a link or a button of the instructions can ask for. There is no other way from a README to a command. */
export type InstructionAction =
  | { readonly action: 'fineTune' | 'compare'; readonly experiment: string }
  | { readonly action: 'check' | 'solution' | 'handIn' }
  | { readonly action: 'hint' | 'openTask'; readonly task: string };

export type LinkTarget =
  | { readonly kind: 'action'; readonly action: InstructionAction }
  /** A file of the exercise, relative to its folder, with `/`. */
  | { readonly kind: 'file'; readonly path: string; readonly line?: number }
  | { readonly kind: 'place'; readonly id: string }
  /** https only. */
  | { readonly kind: 'outside'; readonly url: string };

export type Inline =
  | { readonly type: 'text' | 'code'; readonly text: string }
  | { readonly type: 'break' }
  | { readonly type: 'emphasis' | 'strong' | 'strikethrough'; readonly children: readonly Inline[] }
  | { readonly type: 'link'; readonly target: LinkTarget; readonly children: readonly Inline[] }
  /** `address` is one that the webview may load: a file of the exercise. */
  | { readonly type: 'picture'; readonly address: string; readonly alt: string };

export interface TableCell {
  readonly align?: 'left' | 'center' | 'right';
  readonly children: readonly Inline[];
}
export interface TableRow {
  /** Where its first cell is a name in code: links can lead to it. */
  readonly id?: string;
  readonly cells: readonly TableCell[];
}

export type Block =
  | {
      readonly type: 'heading';
      readonly level: 1 | 2 | 3 | 4 | 5 | 6;
      readonly id: string;
      /** Id of the task that begins here. */
      readonly task?: string;
      readonly children: readonly Inline[];
    }
  | { readonly type: 'paragraph'; readonly children: readonly Inline[] }
  | { readonly type: 'code'; readonly language: string; readonly text: string }
  | {
      readonly type: 'list';
      readonly ordered: boolean;
      readonly start: number;
      readonly items: readonly (readonly Block[])[];
    }
  | { readonly type: 'quote'; readonly blocks: readonly Block[] }
  | { readonly type: 'table'; readonly head: TableRow; readonly rows: readonly TableRow[] }
  | { readonly type: 'rule' };

/** An exercise's README, read: text and structure, no markup. */
export interface InstructionsDocument {
  /** Folder of the exercise; kept by the view, so that a reload of the window finds it again. */
  readonly folder: string;
  readonly blocks: readonly Block[];
  /** It was too long and ends early. */
  readonly shortened: boolean;
}

export interface Finding {
  readonly check: string;
  readonly title: string;
  readonly status: CheckStatus;
  readonly message?: string;
  readonly mistake?: string;
  readonly hasPlace: boolean;
}

export type TaskState = 'done' | 'wrong' | 'notAttempted' | 'waits' | 'notChecked';

export interface TaskStatus {
  readonly id: string;
  readonly title: string;
  readonly state: TaskState;
  /** What the last check found and has not passed. */
  readonly findings: readonly Finding[];
  /** Those that have been shown. */
  readonly hints: readonly string[];
  readonly hintCount: number;
}

export interface InstructionsStatus {
  readonly state: ExerciseProgress['state'];
  readonly tasks: readonly TaskStatus[];
  /** About the whole file, not passed. */
  readonly findings: readonly Finding[];
  /** Present while a check runs: what it is doing. */
  readonly checking?: string;
  readonly trusted: boolean;
}

/** Functions of the instructions view that the editor calls (birpc). */
export interface InstructionsViewFunctions {
  document(document: InstructionsDocument): void;
  status(status: InstructionsStatus): void;
  /** There is nothing to show, and why. */
  missing(words: string): void;
}

/** Functions of the editor that the view calls. */
export interface InstructionsHostFunctions {
  /** The view has loaded. Answered with `document` and `status`, or `missing`. */
  ready(): void;
  act(action: InstructionAction): void;
  openFile(path: string, line: number | null): void;
  /** The line of what a check found. */
  openFinding(check: string): void;
  copy(text: string): void;
  manageTrust(): void;
}

/** State that the view keeps over hiding and reload (vscode.setState). The editor reads `folder`. */
export interface InstructionsViewState {
  readonly version: 1;
  readonly folder: string;
  /** Id of the last heading above the top edge, '' before the first; and pixels from it to that edge. */
  readonly heading: string;
  readonly offset: number;
}
