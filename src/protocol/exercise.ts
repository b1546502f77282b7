import type { SourceLocation } from './errors';

/** exercise.json */
export interface ExerciseFile {
  /** Equal to the folder's name: '01-fine-tune-an-image-classifier'. */
  readonly id: string;
  readonly number: number;
  readonly title: string;
  /** One sentence for the tree. */
  readonly summary: string;
  /** Minutes for reading, writing and running. */
  readonly minutes: number;
  /** Name of the folder that is proposed when scaffolding. */
  readonly folder: string;
  /** The file that the learner edits, relative to the folder. */
  readonly entry: string;
  /** Data sets of media/data that are copied to `data/`. */
  readonly data: readonly string[];
  readonly tasks: readonly ExerciseTask[];
}

export interface ExerciseTask {
  readonly id: string;
  readonly title: string;
  /** The file that it is written in, where that is not the exercise's entry. Such a task is text: nothing of it trains. */
  readonly file?: string;
  /** From a nudge to nearly everything; never the solution itself. */
  readonly hints: readonly string[];
}

export type CheckKind = 'code' | 'behaviour' | 'outcome';

/** `notAttempted` is kept apart from `wrong`: an untouched TODO is no mistake. */
export type CheckStatus = 'passed' | 'wrong' | 'notAttempted' | 'notRun';

export interface CheckResult {
  readonly id: string;
  readonly kind: CheckKind;
  /** The task it belongs to; absent where it is about the whole file. */
  readonly task?: string;
  /** What is looked at, as a sentence. */
  readonly title: string;
  readonly status: CheckStatus;
  /** Names the machine-learning mistake, explained in the README: 'batch-norm-drift'. */
  readonly mistake?: string;
  /** Recommendation first, then what was seen. */
  readonly message?: string;
  readonly location?: SourceLocation;
}

export interface CheckReport {
  readonly exercise: string;
  readonly passed: boolean;
  readonly results: readonly CheckResult[];
  readonly seconds: number;
}

/** What is kept per scaffolded exercise in `.transfer-lab/progress.json` of its folder. */
export interface ExerciseProgress {
  readonly version: 1;
  readonly exercise: string;
  readonly state: 'new' | 'started' | 'wrong' | 'passed' | 'passedWithHelp';
  /** How many hints of each task have been shown. */
  readonly hintsShown: Readonly<Record<string, number>>;
  readonly solutionSeen: boolean;
  readonly runIds: readonly string[];
  readonly lastReport?: CheckReport;
}
