import type { RunState } from './run-state';

export interface Progress {
  readonly epoch: number;
  readonly epochs: number;
  /** 0..1 over the whole run. */
  readonly fraction: number;
  /** Milliseconds; undefined until the pace is known. */
  readonly remainingMs?: number;
}

/** How far a run is and how long it still takes, from the median of its last steps. */
export function progressOf(state: RunState): Progress {
  const total = state.epochs * state.stepsPerEpoch;
  const last = state.steps.at(-1);
  const done = last?.step ?? 0;
  const recent = state.steps
    .slice(-20)
    .map((point) => point.stepMs)
    .sort((a, b) => a - b);
  const median = recent[Math.floor(recent.length / 2)];
  return {
    epoch: last?.epoch ?? 0,
    epochs: state.epochs,
    fraction: total === 0 ? 0 : done / total,
    ...(median === undefined || recent.length < 3 ? {} : { remainingMs: median * (total - done) }),
  };
}
