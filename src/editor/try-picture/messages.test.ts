import { describe, expect, it } from 'vitest';
import { MOST_PICTURE_BYTES } from '../../protocol/try-picture';
import { isTryHostMessage } from './messages';

describe('isTryHostMessage', () => {
  it.each([
    [{ t: 'q', m: 'ready', a: [] }],
    [{ t: 'q', m: 'tryBytes', a: ['crab.png', new Uint8Array(3)] }],
    [{ t: 'q', m: 'tryFile', a: ['file:///pictures/crab.png'] }],
    [{ t: 'q', m: 'readLayer', a: ['layer3'] }],
  ])('takes %j', (data) => {
    expect(isTryHostMessage(data)).toBe(true);
  });

  it.each([
    [null],
    [{ t: 'q', m: 'dispose', a: [] }],
    [{ t: 'q', m: 'tryBytes', a: ['crab.png', [1, 2, 3]] }],
    [{ t: 'q', m: 'tryBytes', a: [{ toString: 1 }, new Uint8Array(3)] }],
    [{ t: 'q', m: 'tryFile', a: [`file:///${'x'.repeat(5000)}`] }],
    [{ t: 'q', m: 'readLayer', a: [] }],
  ])('ignores %j', (data) => {
    expect(isTryHostMessage(data)).toBe(false);
  });

  it('ignores a picture beyond the limit', () => {
    const bytes = new Uint8Array(MOST_PICTURE_BYTES + 1);
    expect(isTryHostMessage({ t: 'q', m: 'tryBytes', a: ['large.png', bytes] })).toBe(false);
  });
});
