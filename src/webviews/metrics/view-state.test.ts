import { describe, expect, it } from 'vitest';
import { chooseFocus, DEFAULT_STATE, readState, type ViewState } from './view-state';

const SET: ViewState = {
  version: 1,
  runIds: ['a', 'b'],
  focusedRunId: 'b',
  smoothing: 0.5,
  logScale: true,
  showTables: true,
  xAxis: 'seconds',
  split: 'test',
  hiddenLines: ['loss/a/train'],
  zoom: { min: 1, max: 2 },
  cell: { truth: 3, predicted: 0 },
  scrollTop: 420,
};

describe('readState', () => {
  it('brings back all that was set', () => {
    expect(readState(JSON.parse(JSON.stringify(SET)))).toEqual(SET);
  });
  it.each([undefined, null, 'x', 7])('begins anew from %j', (saved) => {
    expect(readState(saved)).toEqual(DEFAULT_STATE);
  });
  it.each([
    ['smoothing', 1],
    ['smoothing', '0.5'],
    ['xAxis', 'miles'],
    ['split', 'train'],
    ['scrollTop', -1],
    ['showTables', 'yes'],
    ['runIds', 'a'],
    ['hiddenLines', { length: 1 }],
    ['zoom', { min: 2, max: 1 }],
    ['zoom', { min: 0 }],
    ['cell', { truth: null, predicted: 0 }],
  ])('takes the default where %s is %j', (key, value) => {
    const state = readState({ ...SET, [key]: value });
    expect(state[key as keyof ViewState]).toEqual(DEFAULT_STATE[key as keyof ViewState]);
  });
});

describe('chooseFocus', () => {
  it('keeps the learner’s choice while the editor means the same run', () => {
    expect(chooseFocus(SET, ['a', 'b'], 'a')).toBe('b');
  });
  it('follows the editor to another run, and away from one that is no longer drawn', () => {
    expect(chooseFocus(SET, ['c', 'b'], 'c')).toBe('c');
    expect(chooseFocus(SET, ['a'], 'a')).toBe('a');
  });
});
