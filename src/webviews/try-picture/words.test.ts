import { describe, expect, it } from 'vitest';
import { MOST_PICTURE_BYTES, type TriedPicture, type TryContent } from '../../protocol/try-picture';
import { incoming, type Transfer } from './incoming';
import { isTryMessage } from './messages';
import { heatWords, placeWords, statusSentence } from './words';

const plain = (text: string): string => text.replaceAll(/[\u2068\u2069]/g, '');
const picture: TriedPicture = {
  address: 'data:image/png;base64,AA==',
  side: 64,
  prepared: [],
  numClasses: 10,
  classes: [
    { name: 'crab', logit: 3, probability: 0.9, heat: [0, 1, 0.2, 0.6] },
    { name: 'whale', logit: 1, probability: 0.1, heat: [0, 0, 0, 0] },
  ],
  layer: { name: 'layer4', rows: 2, columns: 2 },
  layers: [{ name: 'layer4', rows: 2, columns: 2 }],
};
const content = (part: Partial<TryContent>): TryContent => ({ directory: '/x', title: 'a', ...part });

describe('the words of the view', () => {
  it('say what goes on, and what came out', () => {
    expect(plain(statusSentence(content({ busy: 'crab.png' })))).toBe('Looking at crab.png …');
    expect(plain(statusSentence(content({ result: { name: 'my.jpg', picture } })))).toBe(
      'my.jpg: crab, 90.0 %; then whale, 10.0 %.',
    );
  });

  it('say where the map is brightest, or that nothing speaks for the class', () => {
    const [crab, whale] = picture.classes;
    if (!crab || !whale) throw new Error('two classes');
    // 1 and 0.6 are at least 0.5: two cells of four.
    expect(plain(heatWords(crab, picture))).toBe(
      'For crab the map is brightest at the upper right; 50.0 % of its cells have at least half of that.',
    );
    expect(plain(heatWords(whale, picture))).toBe('Nothing at layer4 speaks for whale: the map is dark.');
    const one = { layer: { name: 'layer4', rows: 1, columns: 1 } };
    expect(heatWords({ ...crab, heat: [1] }, one)).toContain('cannot tell places apart');
  });

  it.each([
    [0, 0, 7, 7, 'at the upper left'],
    [3, 3, 7, 7, 'in the middle'],
    [6, 3, 7, 7, 'at the bottom'],
    [0, 3, 7, 7, 'at the top'],
    [3, 6, 7, 7, 'at the right'],
    [1, 0, 2, 2, 'at the lower left'],
  ])('call row %i, column %i of %i x %i "%s"', (row, column, rows, columns, words) => {
    expect(placeWords(row, column, rows, columns)).toBe(words);
  });
});

describe('what is dropped or pasted', () => {
  const transfer = (files: Partial<File>[], data: Readonly<Record<string, string>> = {}): Transfer => ({
    files: files as File[],
    getData: (type) => data[type] ?? '',
  });

  it('is the first of the files, where it is not too large', () => {
    const file = { name: 'crab.png', size: 5 };
    expect(incoming(transfer([file, { name: 'other.png', size: 5 }]))).toMatchObject({
      kind: 'bytes',
      name: 'crab.png',
    });
    const large = incoming(transfer([{ name: 'large.png', size: MOST_PICTURE_BYTES + 1 }]));
    expect(large).toMatchObject({
      kind: 'refused',
      message: 'large.png has 51 MB; a picture may have at most 50 MB.',
    });
  });

  it('is a file of the editor’s own lists, by its address', () => {
    const data = { 'text/uri-list': '# from the Explorer\r\nfile:///pictures/crab.png\r\nfile:///other.png' };
    expect(incoming(transfer([], data))).toEqual({ kind: 'file', address: 'file:///pictures/crab.png' });
  });

  it('is refused where it is an address on the web, and left alone where it is text', () => {
    expect(incoming(transfer([], { 'text/uri-list': 'https://example.org/crab.png' }))?.kind).toBe('refused');
    expect(incoming(transfer([], { 'text/plain': 'a crab' }))).toBeUndefined();
  });
});

describe('messages', () => {
  const show = (value: unknown) => isTryMessage({ t: 'q', m: 'show', a: [value] });
  it('of the editor are understood, all others ignored', () => {
    expect(show(content({}))).toBe(true);
    expect(show(content({ result: { name: 'a', picture } }))).toBe(true);
    expect(
      show(content({ result: { name: 'a', picture: { ...picture, address: 'https://x/y.png' } } })),
    ).toBe(false);
    expect(show({ directory: 1, title: 'a' })).toBe(false);
    expect(show(undefined)).toBe(false);
    expect(isTryMessage({ t: 'q', m: 'choose', a: [content({})] })).toBe(false);
  });
});
