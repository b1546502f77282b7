import { progressOf } from '../protocol/progress';
import type { RunFile } from '../protocol/run-files';
import { isOver, type RunState } from '../protocol/run-state';

/** "wholeNetwork", or "wholeNetwork · from-scratch" in a comparison. */
export function runTitle(run: Pick<RunFile, 'experiment' | 'strategy'>): string {
  return run.strategy === undefined ? run.experiment : `${run.experiment} · ${run.strategy}`;
}

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Best validation accuracy so far, 0..1. */
export function bestAccuracy(state: RunState): number | undefined {
  const best = state.epochPoints.reduce((top, point) => Math.max(top, point.valAccuracy), -1);
  return state.final?.accuracy ?? (best < 0 ? undefined : best);
}

/** One line about a run, for the code line, the status bar and the screen reader. */
export function progressText(state: RunState): string {
  const best = bestAccuracy(state);
  const score = best === undefined ? '' : `, best accuracy ${percent(best)}`;
  if (isOver(state)) {
    return state.status === 'failed'
      ? `failed: ${state.problem?.message ?? 'see the log'}`
      : `${state.status}${score}`;
  }
  const last = state.steps.at(-1);
  if (!last) return state.phase ? `preparing (${words(state.phase.name)})` : 'starting';
  const { epoch, epochs, remainingMs } = progressOf(state);
  const left = remainingMs === undefined ? '' : `, ${duration(remainingMs)} left`;
  const accuracy = state.epochPoints.at(-1)?.valAccuracy;
  const now = accuracy === undefined ? '' : `, accuracy ${percent(accuracy)}`;
  const stopping = state.status === 'stopping' ? 'stopping, ' : '';
  return `${stopping}epoch ${epoch}/${epochs}, loss ${last.trainLoss.toFixed(3)}${now}${left}`;
}

const words = (camelCase: string): string =>
  camelCase.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
