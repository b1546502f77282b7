import sharp from 'sharp';
import type { Prediction } from '../../protocol/events';

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

/** Small PNGs as data addresses, by file. Pictures that are gone or broken are left out. */
export async function thumbnails(files: readonly string[], size = 44): Promise<Pictures> {
  const made = new Map<string, string>();
  for (const file of new Set(files)) {
    try {
      const png = await sharp(file, { limitInputPixels: 50e6 })
        .resize(size, size, { fit: 'cover' })
        .png()
        .toBuffer();
      made.set(file, `data:image/png;base64,${png.toString('base64')}`);
    } catch {
      continue; // The picture was moved since; the count stays.
    }
  }
  return made;
}
