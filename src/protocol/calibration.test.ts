import { describe, expect, it } from 'vitest';
import { calibrationWords } from './calibration';
import type { CalibrationBin } from './events';

const bin = (confidence: number, accuracy: number, count: number): CalibrationBin => ({
  lower: confidence - 0.01,
  upper: confidence + 0.01,
  count,
  confidence,
  accuracy,
});

describe('the words beside the calibration curve', () => {
  it('weigh each bin by its pictures', () => {
    // (30·0.9 + 10·0.5) / 40 = 0.8 sure; (30·0.8 + 10·0.4) / 40 = 0.7 right.
    const words = calibrationWords(
      {
        bins: [bin(0.9, 0.8, 30), bin(0.5, 0.4, 10)],
        expectedCalibrationError: 0.1,
      },
      'pictures',
    );
    expect(words).toMatch(/^It is 80\.0 % sure on average, and right in 70\.0 % of 40 pictures\./);
    expect(words).toContain('too sure');
  });

  it('call a network that is right more often than it says not sure enough', () => {
    const words = calibrationWords({ bins: [bin(0.6, 0.9, 10)], expectedCalibrationError: 0.3 }, 'pictures');
    expect(words).toContain('not sure enough');
  });

  it('blame nothing within two points', () => {
    const words = calibrationWords({ bins: [bin(0.9, 0.89, 10)], expectedCalibrationError: 0.01 }, 'texts');
    expect(words).toContain('about as sure as it may be');
  });
});
