import type { Prediction } from '../../protocol/events';
import { thumbnails as squares } from '../data/thumbnails';

export type Pictures = ReadonlyMap<string, string>;

/** The worst mistake of each cell of the confusion matrix, `truth/predicted`. */
export function worstMistakes(predictions: readonly Prediction[]): Map<string, Prediction> {
  const worst = new Map<string, Prediction>();
  for (const prediction of predictions) {
    if (prediction.label === prediction.predicted) continue;
    const cell = `${prediction.label}/${prediction.predicted}`;
    const before = worst.get(cell);
    if (!before || prediction.loss > before.loss) worst.set(cell, prediction);
  }
  return worst;
}

/** Small squares as data addresses, by file. Of pictures that were moved since, the count stays. */
export const thumbnails = (files: readonly string[]): Promise<Pictures> =>
  squares(files, { size: 44, fit: 'cover' });
