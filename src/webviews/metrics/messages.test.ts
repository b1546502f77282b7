import { describe, expect, it } from 'vitest';
import { fakeEvents, fakeHistory } from './fake-run';
import { isViewMessage } from './messages';

const call = (m: unknown, ...a: unknown[]) => ({ t: 'q', m, a });

describe('isViewMessage', () => {
  it.each([
    ['a history', call('history', [fakeHistory()], 'fake-1', 0)],
    ['an update', call('append', [{ runId: 'fake-1', events: fakeEvents({ steps: 3 }) }])],
    ['candidates', call('candidates', [{ runId: 'a', title: 'A', shown: true }])],
    ['an answer', { t: 's', i: '1', r: [] }],
  ])('takes %s', (_name, message) => {
    expect(isViewMessage(message)).toBe(true);
  });

  it.each([
    ['nothing', null],
    ['a list', []],
    ['text', 'history'],
    ['another function', call('constructor')],
    ['a function of the prototype', call('__proto__', [])],
    ['a history without a run', call('history', [{ title: 'x', events: [] }], 'x', 0)],
    ['a history whose events are text', call('history', [{ ...fakeHistory(), events: 'x' }], 'x', 0)],
    ['a history that does not say how long it is', call('history', [fakeHistory()], 'x')],
    ['an update without a run', call('append', [{ events: [] }])],
    ['an event without a type', call('append', [{ runId: 'a', events: [{ event: {} }] }])],
    ['arguments that are no list', { t: 'q', m: 'append', a: { 0: [] } }],
    ['an answer to no question', { t: 's', r: [] }],
  ])('ignores %s', (_name, message) => {
    expect(isViewMessage(message)).toBe(false);
  });
});
