import type { PhaseState, RunState } from './run-state';

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

/** What a download has done, in decimal megabytes, and how long it still takes at its pace so far. */
export interface DownloadProgress {
  readonly doneMb: string;
  readonly totalMb: string;
  /** Undefined until the pace is known. */
  readonly remainingMs?: number;
}

/** @param nowMs time of the last event @returns undefined where nothing is being downloaded, or its size is not known yet */
export function downloadProgress(
  phase: PhaseState | undefined,
  nowMs: number | undefined,
): DownloadProgress | undefined {
  if (phase?.name !== 'downloadingWeights' || phase.total === undefined) return undefined;
  const { done = 0, total, began } = phase;
  const arrived = done - (began?.done ?? done);
  const passedMs = (nowMs ?? 0) - (began?.timeMs ?? nowMs ?? 0);
  const isKnown = arrived > 0 && passedMs > 0;
  return {
    doneMb: megabytes(done),
    totalMb: megabytes(total),
    ...(isKnown ? { remainingMs: ((total - done) * passedMs) / arrived } : {}),
  };
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

/** Decimal, as disks and data plans count: "601 kB", "4.2 MB", "47 MB". */
export const downloadSize = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
