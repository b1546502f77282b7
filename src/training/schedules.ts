/**
 * Learning-rate schedules. Each is a pure function of the step: the factor that multiplies a group's learning rate.
 * Linear and cosine with warm-up are those of transformers, the others those of torch.optim.lr_scheduler.
 */
export type Schedule = (step: number) => number;

export type ScheduleName = 'constant' | 'linear' | 'cosine' | 'oneCycle';

/** 1 after a linear rise over `warmupSteps`. */
export const constant =
  (warmupSteps = 0): Schedule =>
  (step) =>
    step < warmupSteps ? step / warmupSteps : 1;

/** Rises to 1 over `warmupSteps`, falls on a straight line to 0 at `totalSteps`. */
export const linear =
  (totalSteps: number, warmupSteps = 0): Schedule =>
  (step) =>
    step < warmupSteps
      ? step / warmupSteps
      : Math.max(0, (totalSteps - step) / Math.max(1, totalSteps - warmupSteps));

/** Rises to 1 over `warmupSteps`, falls along half a cosine to 0 at `totalSteps`. */
export const cosine =
  (totalSteps: number, warmupSteps = 0): Schedule =>
  (step) =>
    step < warmupSteps ? step / warmupSteps : halfCosine(1, 0, shareDone(step, warmupSteps, totalSteps));

/** Half a cosine from 1 to `minimum` at step `tMax`, without warm-up (torch's CosineAnnealingLR). */
export const cosineAnnealing =
  (tMax: number, minimum = 0): Schedule =>
  (step) =>
    halfCosine(1, minimum, step / tMax);

/** Multiplied by `factor` every `every` steps. */
export const stepwise =
  (every: number, factor: number): Schedule =>
  (step) =>
    factor ** Math.floor(step / every);

export interface OneCycleOptions {
  readonly warmupShare?: number;
  /** Start = peak / divFactor. */
  readonly divFactor?: number;
  /** End = start / finalDivFactor. */
  readonly finalDivFactor?: number;
  readonly anneal?: 'cos' | 'linear';
}

/** Up to the peak and far below the start (Smith & Topin, 2018; torch's OneCycleLR with two phases). */
export function oneCycle(totalSteps: number, options: OneCycleOptions = {}): Schedule {
  const { warmupShare = 0.3, divFactor = 25, finalDivFactor = 1e4, anneal = 'cos' } = options;
  const start = 1 / divFactor;
  const end = start / finalDivFactor;
  const between =
    anneal === 'cos' ? halfCosine : (from: number, to: number, share: number) => from + (to - from) * share;
  const peak = Math.max(1e-9, warmupShare * totalSteps - 1);
  const last = totalSteps - 1;
  return (step) =>
    step <= peak
      ? between(start, 1, step / peak)
      : between(1, end, Math.min(1, (step - peak) / Math.max(1e-9, last - peak)));
}

/** The schedule of a strategy's options. `warmupSteps` does nothing for `oneCycle`, which has a warm-up of its own. */
export function createSchedule(
  name: ScheduleName,
  totalSteps: number,
  warmupSteps = 0,
  cycle: OneCycleOptions = {},
): Schedule {
  switch (name) {
    case 'constant':
      return constant(warmupSteps);
    case 'linear':
      return linear(totalSteps, warmupSteps);
    case 'cosine':
      return cosine(totalSteps, warmupSteps);
    case 'oneCycle':
      return oneCycle(totalSteps, cycle);
  }
}

function shareDone(step: number, warmupSteps: number, totalSteps: number): number {
  return Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
}

function halfCosine(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
}
