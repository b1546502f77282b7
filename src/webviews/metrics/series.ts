import type { EpochPoint, RunState, StepPoint } from '../../protocol/run-state';

/** A column of a chart; null where there is no number (or one that cannot be drawn). */
export type Column = (number | null)[];

export type XAxis = 'epoch' | 'step' | 'seconds';

/** Where each step and each epoch's end lie on the horizontal axis. */
export interface Positions {
  readonly steps: readonly number[];
  readonly epochs: readonly number[];
}

/**
 * Epochs may be broken: step 15 of 10 per epoch lies at 1.5. Seconds are the time spent in steps, without preparation
 * and validation, so that runs on the same machine compare.
 */
export function positions(
  { steps, epochPoints, stepsPerEpoch }: Pick<RunState, 'steps' | 'epochPoints' | 'stepsPerEpoch'>,
  axis: XAxis,
): Positions {
  if (axis === 'seconds') return secondsOf(steps, epochPoints);
  const scale = axis === 'epoch' && stepsPerEpoch > 0 ? 1 / stepsPerEpoch : 1;
  return {
    steps: steps.map(({ step }) => step * scale),
    epochs: epochPoints.map(({ step }) => step * scale),
  };
}

function secondsOf(steps: readonly StepPoint[], epochPoints: readonly EpochPoint[]): Positions {
  let sum = 0;
  const elapsed = steps.map(({ stepMs }) => (sum += (Number.isFinite(stepMs) ? stepMs : 0) / 1000));
  let index = 0;
  const epochs = epochPoints.map(({ step }) => {
    while (index + 1 < steps.length && (steps[index]?.step ?? 0) < step) index++;
    return elapsed[index] ?? 0;
  });
  return { steps: elapsed, epochs };
}

/** Numbers that cannot be drawn (NaN, infinities, null from JSON) become gaps. */
export function column<T>(points: readonly T[], value: (point: T) => number): Column {
  return points.map((point) => {
    const number: unknown = value(point);
    return typeof number === 'number' && Number.isFinite(number) ? number : null;
  });
}

/**
 * Exponential moving average without the pull towards zero at the start: each mean is divided by the weight it has
 * collected so far, as TensorBoard does (tf-line-chart, "debiased").
 * @param weight 0 (no smoothing) .. below 1
 */
export function smooth(values: readonly (number | null)[], weight: number): Column {
  if (weight <= 0) return [...values];
  let mean = 0;
  let collected = 0;
  return values.map((value) => {
    if (value === null) return null;
    mean = weight * mean + (1 - weight) * value;
    collected = weight * collected + (1 - weight);
    return mean / collected;
  });
}

/** Steps that a moving average of this weight covers, and back. */
export const windowOf = (weight: number): number => 1 / (1 - weight);
export const weightOf = (window: number): number => 1 - 1 / Math.max(1, window);

/** Values that a logarithmic axis cannot show become gaps. */
export const positive = (values: readonly (number | null)[]): Column =>
  values.map((value) => (value !== null && value > 0 ? value : null));

export interface Track {
  readonly x: readonly number[];
  readonly columns: readonly (readonly (number | null)[])[];
}

/** Puts tracks with positions of their own on one: every position once, ascending, gaps where a track has nothing there. */
export function align(tracks: readonly Track[]): { x: number[]; columns: Column[] } {
  const first = tracks[0];
  if (!first) return { x: [], columns: [] };
  const x = tracks.slice(1).every((track) => samePositions(track.x, first.x))
    ? [...first.x]
    : [...new Set(tracks.flatMap((track) => [...track.x]))].sort((a, b) => a - b);
  return { x, columns: tracks.flatMap((track) => placed(track, x)) };
}

function placed(track: Track, x: readonly number[]): Column[] {
  const columns = track.columns.map(() => new Array<number | null>(x.length).fill(null));
  let at = 0;
  track.x.forEach((position, index) => {
    while (at < x.length && (x[at] as number) < position) at++;
    track.columns.forEach((values, which) => {
      const target = columns[which];
      if (target) target[at] = values[index] ?? null;
    });
  });
  return columns;
}

function samePositions(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

/** The last number of a column up to an index. */
export function lastValue(values: readonly (number | null)[], upTo = values.length - 1): number | undefined {
  for (let index = Math.min(upTo, values.length - 1); index >= 0; index--) {
    const value = values[index];
    if (value != null) return value;
  }
  return undefined;
}
