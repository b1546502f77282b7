import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StopStrings } from './stop-strings';

function through(strings: string[], pieces: readonly string[]): { given: string[]; stopped: boolean } {
  const stops = new StopStrings(strings);
  const given: string[] = [];
  for (const piece of pieces) {
    const { text, stopped } = stops.add(piece);
    given.push(text);
    if (stopped) return { given, stopped };
  }
  return { given: [...given, stops.end()], stopped: false };
}

describe('stop strings', () => {
  it('end a text before them, also when they come in pieces', () => {
    expect(through(['\n\n'], ['one', ' two\n', '\nthree'])).toEqual({
      given: ['one', ' two', ''],
      stopped: true,
    });
    expect(through(['END'], ['aE', 'N', 'Db'])).toEqual({ given: ['a', '', ''], stopped: true });
  });

  it('hold back only what may still become one of them', () => {
    expect(through(['END'], ['aE', 'Nx', 'E'])).toEqual({ given: ['a', 'ENx', '', 'E'], stopped: false });
    expect(through(['aab'], ['a', 'a', 'a', 'b'])).toEqual({ given: ['', '', 'a', ''], stopped: true });
  });

  it('of several the one that begins first counts; empty ones do not count', () => {
    expect(through(['cd', 'b', ''], ['abcd'])).toEqual({ given: ['a'], stopped: true });
    expect(through([''], ['abc'])).toEqual({ given: ['abc', ''], stopped: false });
  });

  it('give the text before the first stop string however it is cut into pieces', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 });
    const property = fc.property(
      fc.array(letters),
      fc.array(letters, { maxLength: 3 }),
      (pieces, strings) => {
        const whole = pieces.join('');
        const places = strings.filter(Boolean).map((one) => whole.indexOf(one));
        const first = Math.min(...places.filter((place) => place >= 0));
        const { given, stopped } = through(strings, pieces);
        expect(stopped).toBe(first !== Infinity);
        // A later one that is longer may be complete in the same piece as an earlier one: what counts is where it begins.
        expect(whole.startsWith(given.join(''))).toBe(true);
        if (!stopped) expect(given.join('')).toBe(whole);
        for (const one of strings.filter(Boolean)) expect(given.join('').includes(one)).toBe(false);
      },
    );
    fc.assert(property, { seed: 1, numRuns: 500 });
  });
});
