/**
 * A run directory: `<folder of the experiment>/.transfer-lab/runs/<runId>/`. It is the truth about a run;
 * editor, terminal and report only read it.
 */
export const RUNS_FOLDER = '.transfer-lab/runs';
/** Learning-rate range tests are no runs: they keep no weights. Their directories have the same form. */
export const RATE_TESTS_FOLDER = '.transfer-lab/rate-tests';
/** What runs would take, by their settings: RunEstimate. */
export const ESTIMATES_FOLDER = '.transfer-lab/estimates';
export const RUN_FILES = {
  /** What was asked for: RunFile. Written once, before the process starts. */
  run: 'run.json',
  /** What happened: one JournalRecord per line. */
  events: 'events.jsonl',
  /** While the process lives: ControlFile. */
  control: 'control.json',
  checkpoints: 'checkpoints',
  /** The best weights so far: model.safetensors and config.json. */
  best: 'best',
  /** Whatever the process and the learner's code print. */
  output: 'output.log',
  report: 'report.html',
} as const;

/** How a strategy is started from the editor or terminal. Ids are those of src/training/strategies. */
export type StrategyId = string;

/** run.json */
export interface RunFile {
  readonly version: 1;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Absolute path of the learner's file. */
  readonly file: string;
  /** Name of the exported experiment. */
  readonly experiment: string;
  /** Line of the export in the file when the run began, from 1. */
  readonly line: number;
  /** Set where a comparison replaces the experiment's own strategy. */
  readonly strategy?: StrategyId;
  /** Runs of one comparison share it. */
  readonly comparisonId?: string;
  /** The learner's file as it was. */
  readonly source: string;
  readonly versions: { readonly transferLab: string; readonly node: string };
}

/** control.json: how to reach the living process. Alive means: it answers on the socket with the token. */
export interface ControlFile {
  readonly pid: number;
  /** Path of a local socket or named pipe. */
  readonly socket: string;
  readonly token: string;
  /** Start time of the process in milliseconds since 1970; tells a reused pid from ours. */
  readonly startedAt: number;
  /** Start and boot as the operating system tells them; equal means the same process. Absent where it tells nothing. */
  readonly identity?: string;
}

/** Lines of JSON to the control socket; each is answered with one line. */
export type ControlRequest =
  { readonly token: string; readonly type: 'ping' } | { readonly token: string; readonly type: 'stop' };
export type ControlReply =
  | { readonly type: 'pong'; readonly runId: string; readonly pid: number }
  | { readonly type: 'accepted' }
  | { readonly type: 'refused'; readonly reason: string };
