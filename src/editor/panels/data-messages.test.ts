import { describe, expect, it } from 'vitest';
import { isDataMessage } from './data-messages';
import { namedFiles, parseProgress } from './named-files';

const said = (m: string, ...a: unknown[]) => ({ t: 'q', i: '1', m, a });

describe('what the view of the data may say', () => {
  it.each([
    [said('ready')],
    [said('again')],
    [said('thumbnails', ['/a.png'])],
    [said('openFile', '/a.png')],
    [{ t: 's', i: '1' }],
  ])('%j is understood', (message) => {
    expect(isDataMessage(message)).toBe(true);
  });
  it.each([
    [said('show', {})],
    [said('openFile')],
    [said('openFile', 7)],
    [said('thumbnails', '/a.png')],
    [
      said(
        'thumbnails',
        Array.from({ length: 101 }, () => '/a.png'),
      ),
    ],
    [null],
    ['ready'],
  ])('%j is not', (message) => {
    expect(isDataMessage(message)).toBe(false);
  });
});

describe('what the data name', () => {
  it('are samples, files of warnings, files left out and pairs that look alike', () => {
    const file = '/s.png';
    const files = namedFiles({
      samples: [[{ file, split: 'train' }], []],
      report: {
        warnings: [
          { code: 'a', message: '', remedy: '', files: ['/w.png'] },
          { code: 'b', message: '', remedy: '' },
        ],
        skipped: { count: 1, files: [{ file: '/k.png', reason: '' }] },
        nearDuplicates: {
          count: 1,
          pairs: [{ file: '/n.png', split: 'val', other: '/o.png', otherSplit: 'train' }],
        },
      },
    } as unknown as Parameters<typeof namedFiles>[0]);
    expect([...files]).toEqual([file, '/w.png', '/k.png', '/n.png', '/o.png']);
  });
});

describe('lines of progress', () => {
  it.each([
    ['{"done":3,"total":10}', { done: 3, total: 10 }],
    ['{"ok":true}', undefined],
    ['a learner’s console.log', undefined],
  ])('%s', (line, progress) => {
    expect(parseProgress(line)).toEqual(progress);
  });
});
