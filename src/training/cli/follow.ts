import { stdout } from 'node:process';
import { LearnerError } from '../../protocol/errors';
import { initialRunState, isOver, markInterrupted, reduceRun } from '../../protocol/run-state';
import type { RunState } from '../../protocol/run-state';
import { percent } from '../../protocol/percent';
import { followRun, lastOutput, stopRun } from '../runs';
import { progressLine } from './progress-line';
import { duration, paint, say, tellProblem } from './terminal';

export interface FollowedRun {
  readonly directory: string;
  readonly runId: string;
  /** What the learner reads at the start of the line. */
  readonly name: string;
}

/** Shows runs, one after the other, until they are over. Ctrl-C asks them to stop; a second one leaves them running. */
export async function followInTerminal(
  runs: readonly FollowedRun[],
  options: { readonly quiet?: boolean; readonly resuming?: boolean } = {},
): Promise<RunState[]> {
  let interrupts = 0;
  const onInterrupt = (): void => {
    interrupts++;
    if (interrupts > 1) {
      say('\nThe run goes on without this terminal.');
      process.exit(130);
    }
    stdout.write('\nStopping after this step; press Ctrl-C again to leave the run alone.\n');
    for (const { directory } of runs) void stopRun(directory);
  };
  process.on('SIGINT', onInterrupt);
  try {
    const states: RunState[] = [];
    for (const run of runs) states.push(await followOne(run, options));
    return states;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

async function followOne(
  run: FollowedRun,
  { quiet = false, resuming = false }: { readonly quiet?: boolean; readonly resuming?: boolean },
): Promise<RunState> {
  let state = initialRunState(run.runId);
  const display = new Display(run.name, quiet);
  const follower = followRun(
    run.directory,
    {
      onRecords: (records) => {
        for (const { event, timeMs } of records) {
          state = reduceRun(state, event, timeMs);
          if (event.type === 'warning') display.warn(event.problem.message, event.problem.remedy);
          if (event.type === 'epochEnd') display.epoch(state);
        }
        display.draw(state);
      },
      onLiveness: (liveness) => {
        // Compiling keeps the process busy for seconds; that is no news.
        if (liveness === 'notAnswering' && state.status !== 'preparing')
          display.warn('The run is busy and does not answer yet.', '');
      },
    },
    { resuming },
  );
  const ended = await follower.ended;
  if (ended === 'interrupted') state = markInterrupted(state);
  display.end(state);
  if (state.status === 'failed' && state.problem) throw new LearnerError(state.problem);
  if (state.status === 'interrupted' || !isOver(state)) {
    const remedy = `Continue it with: transfer-lab resume ${run.directory}`;
    throw await vanished('run', run.directory, remedy);
  }
  return state;
}

/** The process behind a directory is gone without a last event; what it printed may tell why. */
export async function vanished(what: string, directory: string, remedy: string): Promise<LearnerError> {
  const output = (await lastOutput(directory)).trim();
  return new LearnerError({
    code: 'run-interrupted',
    message: `The ${what}'s process ended without a last word.${output ? ` It printed:\n${output}` : ''}`,
    remedy,
  });
}

/** One line that is redrawn on a terminal; a line per epoch elsewhere. */
class Display {
  private drawnMs = 0;

  constructor(
    private readonly name: string,
    private readonly quiet: boolean,
  ) {}

  draw(state: RunState): void {
    if (this.quiet || !stdout.isTTY || Date.now() - this.drawnMs < 80) return;
    this.drawnMs = Date.now();
    stdout.write(`\r${progressLine(this.name, state, stdout.columns)}\x1b[K`);
  }

  epoch(state: RunState): void {
    if (this.quiet || stdout.isTTY) return;
    say(progressLine(this.name, state));
  }

  warn(message: string, remedy: string): void {
    this.clear();
    tellProblem({ code: 'warning', message, remedy });
  }

  end(state: RunState): void {
    this.clear();
    if (this.quiet || state.status === 'failed' || state.status === 'interrupted') return;
    const { final, seconds = 0 } = state;
    const score = final ? `  ${final.split} accuracy ${percent(final.accuracy)}` : '';
    say(
      `${paint('green', '✓')} ${this.name}${score}  ${duration(seconds * 1000)}${state.status === 'stopped' ? '  (stopped)' : ''}`,
    );
  }

  private clear(): void {
    if (!this.quiet && stdout.isTTY) stdout.write('\r\x1b[K');
  }
}
