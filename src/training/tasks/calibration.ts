import type { Calibration } from '../../protocol/events';

const BINS = 15;

/**
 * Whether a network that says 80 % is right in 80 of 100 cases: pictures sorted into bins by the probability of the
 * predicted class, with the mean probability and the accuracy of each. The expected calibration error is the mean
 * difference of the two, weighted by the bins' counts (Guo et al., 2017; 15 bins of equal width, each without its lower end).
 * @param confidences 0..1
 */
export function calibrationOf(confidences: readonly number[], correct: readonly boolean[]): Calibration {
  const bins = Array.from({ length: BINS }, () => ({ count: 0, confidence: 0, hits: 0 }));
  for (const [item, confidence] of confidences.entries()) {
    const bin = bins[Math.min(BINS - 1, Math.max(0, Math.ceil(confidence * BINS) - 1))];
    if (!bin) continue;
    bin.count++;
    bin.confidence += confidence;
    bin.hits += correct[item] ? 1 : 0;
  }
  const filled = bins.map(({ count, confidence, hits }, index) => ({
    lower: index / BINS,
    upper: (index + 1) / BINS,
    count,
    confidence: count === 0 ? 0 : confidence / count,
    accuracy: count === 0 ? 0 : hits / count,
  }));
  const gap = filled.reduce(
    (sum, { count, confidence, accuracy }) => sum + count * Math.abs(confidence - accuracy),
    0,
  );
  return { bins: filled, expectedCalibrationError: gap / Math.max(1, confidences.length) };
}
