import type { Prediction } from '../../protocol/events';

export const PICTURES_PER_PAGE = 24;
/** Pictures in one answer of the editor: photographs are large. */
export const PICTURES_PER_ANSWER = 6;

export interface Cell {
  readonly truth: number;
  readonly predicted: number;
}

/** Pictures behind a cell of the confusion matrix, the surest first: the surest wrong ones teach most. */
export function cellPredictions(predictions: readonly Prediction[], cell: Cell): Prediction[] {
  return predictions
    .filter(({ label, predicted }) => label === cell.truth && predicted === cell.predicted)
    .sort((a, b) => b.probability - a.probability);
}

/** Wrong ones, largest loss first. A loss that is no number was beyond all measure. */
export function worstMistakes(predictions: readonly Prediction[]): Prediction[] {
  const size = ({ loss }: Prediction): number => (Number.isFinite(loss) ? loss : Number.MAX_VALUE);
  return predictions.filter(({ label, predicted }) => label !== predicted).sort((a, b) => size(b) - size(a));
}

/** Moves in a grid of `size` by `size` cells by the keys of the ARIA grid pattern; undefined for other keys. */
export function moveCell(cell: Cell, key: string, ctrl: boolean, size: number): Cell | undefined {
  const clamp = (value: number): number => Math.min(size - 1, Math.max(0, value));
  const { truth, predicted } = cell;
  switch (key) {
    case 'ArrowLeft':
      return { truth, predicted: clamp(predicted - 1) };
    case 'ArrowRight':
      return { truth, predicted: clamp(predicted + 1) };
    case 'ArrowUp':
      return { truth: clamp(truth - 1), predicted };
    case 'ArrowDown':
      return { truth: clamp(truth + 1), predicted };
    case 'Home':
      return { truth: ctrl ? 0 : truth, predicted: 0 };
    case 'End':
      return { truth: ctrl ? size - 1 : truth, predicted: size - 1 };
    default:
      return undefined;
  }
}
