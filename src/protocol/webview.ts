import type { Prediction, RunEvent } from './events';
import type { RunFile } from './run-files';

/** One run as the metrics view gets it: what was asked for, and all that happened so far. */
export interface RunHistory {
  readonly run: Pick<
    RunFile,
    'runId' | 'experiment' | 'strategy' | 'comparisonId' | 'createdAt' | 'file' | 'line'
  >;
  /** What the learner reads in legends: "wholeNetwork", or "wholeNetwork · from scratch" in a comparison. */
  readonly title: string;
  readonly events: readonly { readonly event: RunEvent; readonly timeMs: number }[];
  /** The process is gone though its last event is not an end. */
  readonly interrupted: boolean;
}

/** Functions of the metrics view that the editor calls (birpc). `history` comes whenever the view becomes visible, then deltas. */
export interface MetricsViewFunctions {
  history(runs: readonly RunHistory[], focusedRunId: string): void;
  append(runId: string, events: readonly { event: RunEvent; timeMs: number }[]): void;
  interrupted(runId: string): void;
  /** A run of the same experiment or file that the learner can add to the plot. */
  candidates(runs: readonly { runId: string; title: string; shown: boolean }[]): void;
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
}

/** State that the view keeps over hiding and reload (vscode.setState). */
export interface MetricsViewState {
  readonly version: 1;
  readonly runIds: readonly string[];
  readonly focusedRunId: string;
  readonly smoothing: number;
  readonly logScale: boolean;
  readonly showTables: boolean;
}

export type { Prediction };
