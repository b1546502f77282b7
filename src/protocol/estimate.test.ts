import { describe, expect, it } from 'vitest';
import { bytesText, estimateSentence } from './estimate';

const band = (value: number) => ({ value, low: value, high: value });
const estimate = { seconds: band(48), memory: band(1.1e9), epochs: 10 };
const seconds = (value: number): string => `${value} s`;

describe('how good an estimate was', () => {
  it('says both numbers', () => {
    expect(estimateSentence(estimate, { seconds: 52, peakMemory: 1.02e9, whole: true }, seconds)).toBe(
      'Estimated 48 s and 1.1 GB; took 52 s and 1.0 GB.',
    );
  });
  it('leaves memory out where it is not the run’s alone', () => {
    expect(estimateSentence(estimate, { seconds: 52, whole: true }, seconds)).toBe(
      'Estimated 48 s; took 52 s.',
    );
  });
  it('does not compare the time of a run that ended early', () => {
    expect(estimateSentence(estimate, { seconds: 20, whole: false }, seconds)).toBe(
      'Estimated 48 s for all 10 epochs; took 20 s until it ended early.',
    );
  });
  it.each([
    [950, '1 kB'],
    [45.4e6, '45 MB'],
    [1.04e9, '1.0 GB'],
    [23.6e9, '24 GB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});
