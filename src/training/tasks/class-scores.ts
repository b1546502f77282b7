import type { ClassScore } from '../../protocol/events';

/** Each 0..1. */
export interface Score {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/**
 * 0 where nothing was predicted or nothing is there, as scikit-learn and seqeval have it.
 * @param hits predicted rightly
 * @param predicted as many were predicted
 * @param support as many there are
 */
export function scoreOf(hits: number, predicted: number, support: number): Score {
  const precision = predicted === 0 ? 0 : hits / predicted;
  const recall = support === 0 ? 0 : hits / support;
  const f1 = hits === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { precision, recall, f1 };
}

/** Precision, recall and F1 per class. @param confusion `[truth][prediction]`, counts */
export function classScores(
  confusion: readonly (readonly number[])[],
  classNames: readonly string[],
): ClassScore[] {
  return classNames.map((className, c) => {
    const support = (confusion[c] ?? []).reduce((sum, count) => sum + count, 0);
    const predicted = confusion.reduce((sum, row) => sum + (row[c] ?? 0), 0);
    return { className, ...scoreOf(confusion[c]?.[c] ?? 0, predicted, support), support };
  });
}

/** Each class counts the same, however many items it has. */
export function macroF1(scores: readonly { readonly f1: number }[]): number {
  return scores.reduce((sum, { f1 }) => sum + f1, 0) / Math.max(1, scores.length);
}
