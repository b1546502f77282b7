import { describe, expect, it } from 'vitest';
import { isHostMessage } from './messages';

describe('isHostMessage', () => {
  it('takes a call of a known function', () => {
    expect(isHostMessage({ t: 'q', i: '1', m: 'stop', a: ['run'] })).toBe(true);
  });
  it.each([
    [null],
    ['ready'],
    [{ t: 'q', m: 'executeCommand', a: ['x'] }],
    [{ t: 'q', m: 'constructor', a: [] }],
    [{ t: 'q', m: 'stop', a: [{ directory: '/' }] }],
    [{ t: 'q', m: 'openFile', a: ['run', 'x'.repeat(10_000)] }],
  ])('ignores %j', (data) => {
    expect(isHostMessage(data)).toBe(false);
  });
});
