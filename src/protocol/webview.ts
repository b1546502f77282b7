import type { RunEvent } from './events';
import type { RunFile } from './run-files';

export interface TimedEvent {
  readonly event: RunEvent;
  readonly timeMs: number;
}

/** One run as the metrics view gets it: what was asked for, and all that happened so far. */
export interface RunHistory {
  readonly run: Pick<
    RunFile,
    'runId' | 'experiment' | 'strategy' | 'comparisonId' | 'createdAt' | 'file' | 'line'
  >;
  /** What the learner reads in legends: "wholeNetwork", or "wholeNetwork · from-scratch" in a comparison. */
  readonly title: string;
  readonly events: readonly TimedEvent[];
  /** The process is gone though its last event is not an end. */
  readonly interrupted: boolean;
}

/**
 * What happened since. A long `predictions` event comes in several of the same epoch, each of which continues the one
 * before.
 */
export interface RunUpdate {
  readonly runId: string;
  readonly events: readonly TimedEvent[];
  /** The process has gone without a last word. */
  readonly interrupted?: true;
}

/** A run of the same file that the learner can draw, too. */
export interface CandidateRun {
  readonly runId: string;
  readonly title: string;
  readonly shown: boolean;
}

/**
 * Functions of the metrics view that the editor calls (birpc). `history` comes whenever the view becomes visible, then
 * deltas. No message is much longer than 64 KB.
 */
export interface MetricsViewFunctions {
  /** @param parts messages of `append` that still belong to the history: nothing is drawn before they are there */
  history(runs: readonly RunHistory[], focusedRunId: string, parts: number): void;
  append(updates: readonly RunUpdate[]): void;
  candidates(runs: readonly CandidateRun[]): void;
}

/** Functions of the editor that the metrics view calls. */
export interface MetricsHostFunctions {
  /** The view has loaded and can draw. Answered with `history`. */
  ready(): void;
  stop(runId: string): void;
  resume(runId: string): void;
  /** Which runs are drawn together. */
  show(runIds: readonly string[]): void;
  /** Addresses for pictures, in the order asked; undefined where a file is gone or not one of the run's. */
  pictures(runId: string, files: readonly string[]): Promise<readonly (string | undefined)[]>;
  openFile(runId: string, file: string): void;
  revealExperiment(runId: string): void;
  openReport(runId: string): void;
  /** Opens the view in which the run's best weights look at a picture, or read a sentence. */
  tryIt(runId: string): void;
}

/** State that the view keeps over hiding and reload (vscode.setState). The editor reads `runIds` and `savedAtMs`, which is added when it is kept. */
export interface MetricsViewState {
  readonly version: 1;
  readonly runIds: readonly string[];
  readonly focusedRunId: string;
}
