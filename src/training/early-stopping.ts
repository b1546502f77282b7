import type { EarlyStop, Evaluation } from '../protocol/events';

/** When training has stopped to help. */
export interface EarlyStopping {
  /** Stop when so many epochs in a row brought nothing. */
  readonly patience: number;
  /** What counts as better: more than this. Default 0. */
  readonly minDelta?: number;
  /** What is watched, and whose best epoch's weights are kept. Default 'valLoss'. */
  readonly monitor?: 'valLoss' | 'valAccuracy';
}

/** What early stopping remembers from epoch to epoch; part of a checkpoint. */
export interface Patience {
  /** The last value that counted as better; null before the first epoch. */
  readonly reference: number | null;
  /** Epochs since then. */
  readonly epochsWithout: number;
}

export const PATIENT: Patience = { reference: null, epochsWithout: 0 };

type Scores = Pick<Evaluation, 'accuracy' | 'loss'>;

/** Counts an epoch. A value that is no number is no improvement. */
export function countEpoch(
  { minDelta = 0, monitor = 'valLoss' }: EarlyStopping,
  { reference, epochsWithout }: Patience,
  { loss, accuracy }: Scores,
): Patience {
  const value = monitor === 'valLoss' ? loss : accuracy;
  const gain = reference === null ? Infinity : monitor === 'valLoss' ? reference - value : value - reference;
  const better = !Number.isNaN(value) && gain > minDelta;
  return better ? { reference: value, epochsWithout: 0 } : { reference, epochsWithout: epochsWithout + 1 };
}

/** Whether so many epochs brought nothing that training should end. */
export function isOutOfPatience(
  stopping: EarlyStopping | undefined,
  patience: Patience | undefined,
): stopping is EarlyStopping {
  return stopping !== undefined && (patience ?? PATIENT).epochsWithout >= stopping.patience;
}

export const earlyStopAt = (epoch: number, { monitor, patience }: EarlyStopping): EarlyStop => ({
  epoch,
  monitor: monitor ?? 'valLoss',
  patience,
});

/**
 * Whose weights are kept: those of the higher accuracy; of two whose accuracies differ by less than chance would, those of
 * the lower loss. On a hundred pictures one right more is luck, while the loss still tells which network is surer of
 * what it knows. Where early stopping watches one of the two, that one decides.
 * @param count pictures that were scored
 */
export function isBetter(
  now: Scores,
  best: Scores | undefined,
  count: number,
  stopping: EarlyStopping | undefined,
): boolean {
  if (!best) return true;
  const watched = stopping && (stopping.monitor ?? 'valLoss');
  const gain = now.accuracy - best.accuracy;
  const least =
    watched === 'valLoss' ? Infinity : watched === 'valAccuracy' ? 0 : chance(best.accuracy, count);
  if (Math.abs(gain) > least) return gain > 0;
  return now.loss < best.loss || (now.loss === best.loss && gain > 0);
}

/** One standard error of an accuracy, and at least one picture: at 100 % the formula alone would give nothing. */
function chance(accuracy: number, count: number): number {
  const rounding = 1e-9;
  return Math.max(1, Math.sqrt(accuracy * (1 - accuracy) * count)) / Math.max(1, count) + rounding;
}
