import { describe, expect, it } from 'vitest';
import * as text from './text';

describe('foreign text', () => {
  it('is cut between code points', () => {
    expect(text.shorten('ab😀cd', 3)).toBe('ab…');
    expect(text.shorten('ab😀cd', 4)).toBe('ab😀…');
    expect(text.shorten('short', 5)).toBe('short');
  });
  it('cannot turn the direction of what follows', () => {
    expect(text.isolate('gnp.\u202Eexe\u2069')).toBe('\u2068gnp.exe\u2069');
  });
  it.each([
    ['/home/me/cat.png', 'cat.png'],
    ['C:\\pictures\\cat.png', 'cat.png'],
    ['cat.png', 'cat.png'],
  ])('%s is the file %s', (path, name) => {
    expect(text.fileName(path)).toBe(name);
  });
});

describe('numbers as text', () => {
  it.each([
    [text.percent(0.8754), '87.5 %'],
    [text.percent(Number.NaN), '–'],
    [text.lossText(0.69315), '0.693'],
    [text.lossText(0.00012), '1.20e-4'],
    [text.lossText(undefined), '–'],
    [text.rateText(0.001), '0.001'],
    [text.rateText(0.00005), '5e-5'],
    [text.rateText(0.0031234), '0.00312'],
    [text.millisecondsText(3.14159), '3.14 ms'],
    [text.millisecondsText(1234.5), '1235 ms'],
    [text.durationText(9.9), '9.9 s'],
    [text.durationText(59.4), '59 s'],
    [text.durationText(185), '3 min 5 s'],
    [text.durationText(3700), '1 h 2 min'],
    [text.timeLeftText(4200), '5 s'],
    [text.timeLeftText(61_000), '1 min 5 s'],
    [text.timeLeftText(601_000), '11 min'],
    [text.countText(980), '980'],
    [text.countText(46_100), '46.1 k'],
    [text.countText(999_600), '1.00 M'],
    [text.countText(11_182_000), '11.2 M'],
  ])('%s', (found, expected) => {
    expect(found).toBe(expected);
  });
});
