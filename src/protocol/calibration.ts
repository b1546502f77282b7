import type { Calibration, CalibrationBin } from './events';
import type { ItemKind } from './items';
import { percent } from './percent';

/** A bin with fewer says little: a share of nine pictures has a standard error of up to 17 points. */
export const FEW_ITEMS = 10;

/** In words, which side it errs on; within two points of a hundred it is called about right. */
export function calibrationWords({ bins, expectedCalibrationError }: Calibration, kind: ItemKind): string {
  const count = bins.reduce((sum, bin) => sum + bin.count, 0);
  if (count === 0) return `No ${kind} yet.`;
  const mean = (of: (bin: CalibrationBin) => number): number =>
    bins.reduce((sum, bin) => sum + bin.count * of(bin), 0) / count;
  const sure = mean(({ confidence }) => confidence);
  const right = mean(({ accuracy }) => accuracy);
  const verdict =
    Math.abs(sure - right) <= 0.02
      ? 'On the whole it is about as sure as it may be.'
      : sure > right
        ? 'On the whole it is too sure.'
        : 'On the whole it is not sure enough.';
  return `It is ${percent(sure)} sure on average, and right in ${percent(right)} of ${count} ${kind}. ${verdict} Mean distance from the diagonal (expected calibration error): ${percent(expectedCalibrationError)}.`;
}
