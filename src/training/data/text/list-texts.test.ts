import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LearnerError } from '../../../protocol/errors';
import { mediaFolder } from '../../media';
import { problemOf } from '../../testing/problem-of';
import { loadEmbeddedTokenizer } from '../../tokenizing/load-tokenizer';
import { decodeText } from '../data-file';
import { listTexts, type TextSource } from './list-texts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'transfer-lab-texts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(content: string | Uint8Array, name = 'rows.csv'): string {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

const list = (content: string | Uint8Array, name = 'rows.csv', options: Omit<TextSource, 'path'> = {}) =>
  listTexts({ path: put(content, name), ...options });
const rowsOf = async (...args: Parameters<typeof list>): Promise<string[]> => {
  const { items, classNames } = await list(...args);
  return items.map(({ text, label }) => `${text}|${classNames[label] ?? ''}`);
};
const reasons = async (...args: Parameters<typeof list>): Promise<string[]> =>
  (await list(...args)).skipped.map(({ reason }) => reason);

const TWO = 'text,label\ngood,yes\nbad,no\n';

describe('texts of a table', () => {
  it('are rows of CSV, TSV and JSON Lines, with labels in words or numbers', async () => {
    const expected = ['good|yes', 'bad|no'];
    expect(await rowsOf(TWO)).toEqual(expected);
    expect(await rowsOf('text;label\ngood;yes\nbad;no\n')).toEqual(expected);
    expect(await rowsOf('label\ttext\nyes\tgood\nno\tbad', 'rows.tsv')).toEqual(expected);
    const json = '{"text":"good","label":"yes","more":[1]}\n{"label":"no","text":"bad"}\n';
    expect(await rowsOf(json, 'rows.jsonl')).toEqual(expected);
    expect(await rowsOf(json, 'rows.txt')).toEqual(expected);
    const numbers = '{"text":"a","label":10}\n{"text":"b","label":2}\n{"text":"c","label":"10"}';
    const { classNames, items } = await list(numbers, 'rows.jsonl');
    expect([classNames, items.map(({ label }) => label)]).toEqual([
      ['2', '10'],
      [1, 0, 1],
    ]);
  });

  it('have their columns by name, also a second text, a split and a block', async () => {
    const content = 'q,a,right,fold,doc\nwho?,me,1,train,d1\nwhen?,now,0,Validation,d2\n';
    const columns = { text: 'q', pair: 'a', label: 'right', split: 'fold', block: 'doc' };
    const { items } = await list(content, 'rows.csv', { columns });
    expect(items).toMatchObject([
      {
        text: 'who?',
        pair: 'me',
        label: 1,
        split: 'train',
        block: 'd1',
        file: expect.stringMatching(/rows\.csv:2$/) as string,
      },
      { text: 'when?', pair: 'now', label: 0, split: 'val', block: 'd2' },
    ]);
  });

  it.each([
    [{ text: 'body' }, 'has no column "body" for the texts. Its columns: text, label'],
    [{ label: 'stars' }, 'has no column "stars" for the labels. Its columns: text, label'],
    [{ block: 'document' }, 'has no column "document" for the blocks. Its columns: text, label'],
    [{ pair: 'answer' }, 'has no column "answer" for the second texts'],
  ])('without the column of %j say which there are', async (columns, words) => {
    await expect(list(TWO, 'rows.csv', { columns })).rejects.toThrow(words);
  });

  it('without usual names, with a name twice or with a wrong delimiter say so', async () => {
    await expect(list('a,b\n1,2')).rejects.toThrow('has no column text or sentence');
    await expect(list('text,text,label\n1,2,3')).rejects.toThrow('has two columns "text"');
    const wrong = list(TWO, 'rows.csv', { delimiter: ';' });
    await expect(wrong).rejects.toThrow('Its columns: text,label');
    const remedy = await wrong.then(
      () => '',
      (error: unknown) => (error instanceof LearnerError ? error.problem.remedy : ''),
    );
    expect(remedy).toContain('Its first line has "," between the names');
  });

  it.each<[string, string, string[]]>([
    // The cases of csv-spectrum, written anew.
    ['a comma in quotes', 'text,label\n"a, b",x\nc,y', ['a, b|x', 'c|y']],
    ['empty fields', 'text,label,more\na,x,""\nb,y,', ['a|x', 'b|y']],
    ['quotes written twice', 'text,label\n"say ""hi""",x\nb,y', ['say "hi"|x', 'b|y']],
    ['JSON', 'text,label\n"{""a"": [1,2]}",x\nb,y', ['{"a": [1,2]}|x', 'b|y']],
    ['line ends in quotes', 'text,label\n"one\ntwo",x\nb,y', ['one\ntwo|x', 'b|y']],
    ['Windows line ends, also in quotes', 'text,label\r\n"one\r\ntwo",x\r\nb,y\r\n', ['one\r\ntwo|x', 'b|y']],
    ['quotes, commas and line ends at once', 'text,label\n"a ""b"",\nc",x\nb,y', ['a "b",\nc|x', 'b|y']],
    ['letters of the world', 'text,label\nʤ 漢字 😀,x\nb,ü', ['ʤ 漢字 😀|x', 'b|ü']],
    ['quotes inside a plain field', 'text,label\n5" nail,x\nso "good",y', ['5" nail|x', 'so "good"|y']],
    ['delimiters in a quoted name', '"text";"a, b, c, d";label\na;1;x\nb;2;y', ['a|x', 'b|y']],
    ['empty lines', 'text,label\n\na,x\n\n\nb,y\n\n', ['a|x', 'b|y']],
    [
      'markup, which stays as it is',
      'text,label\n<img src=x onerror=alert(1)>,<b>\n&amp;<br />,y',
      ['<img src=x onerror=alert(1)>|<b>', '&amp;<br />|y'],
    ],
    [
      'formulas and templates',
      'text,label\n=cmd|calc,x\n${a} {{b}} %s,y',
      ['=cmd|calc|x', '${a} {{b}} %s|y'],
    ],
  ])('may have %s', async (_, content, expected) => {
    expect(await rowsOf(content)).toEqual(expected);
  });

  it('lose only rows that cannot be used, each with its number and reason', async () => {
    const content =
      'text,label,split\na,x,train\nb,y,test\n,x,train\n  ,y,train\nc,,train\nd,x\ne,y,train,more\nf,x,later';
    expect((await reasons(content)).sort()).toEqual([
      'row 4: no text',
      'row 5: no text',
      'row 6: no label',
      'row 7: 2 fields instead of 3',
      'row 8: 4 fields instead of 3',
      'row 9: split "later" is none of train, val, test',
    ]);
    const json = [
      '{"text":"a","label":"x"}',
      '{"text":"b","label":"y"}',
      '{"text":1,"label":"x"}',
      '{"label":"x"}',
      '{"text":"c","label":[1]}',
      '{"text":"d","label":null}',
    ];
    expect(await reasons(json.join('\n'), 'rows.jsonl')).toEqual([
      'row 3: a text that is a number',
      'row 4: no text',
      'row 5: a label that is a list',
      'row 6: no label',
    ]);
  });

  it('may be called __proto__, have a NUL, a megabyte, or fields in JSON twice', async () => {
    expect(await rowsOf('__proto__,label\na,x\nb,y', 'rows.csv', { columns: { text: '__proto__' } })).toEqual(
      ['a|x', 'b|y'],
    );
    expect(
      await rowsOf('{"__proto__":"a","label":"x"}\n{"__proto__":"b","label":"y"}', 'p.jsonl', {
        columns: { text: '__proto__' },
      }),
    ).toEqual(['a|x', 'b|y']);
    expect(await rowsOf('text,label\na\0b,x\nc,y')).toEqual(['a b|x', 'c|y']);
    expect(
      await rowsOf('{"text":"a","text":"b","label":"x"}\n{"text":"c","label":"y"}', 'rows.jsonl'),
    ).toEqual(['b|x', 'c|y']);
    const long = 'word '.repeat(2 ** 20 / 5);
    for (const content of [`text,label\n"${long}",x\nb,y`, `text,label\n${long},x\nb,y`])
      expect((await list(content)).items[0]?.text).toBe(long);
  });

  it.each<[string, string, string]>([
    [
      'a quote that is never closed, at ten megabytes',
      `text,label\n"${'a\n'.repeat(5 * 2 ** 20)}`,
      'cannot be read',
    ],
    ['a field of ten megabytes', `text,label\n${'a'.repeat(10 * 2 ** 20)},x`, 'cannot be read'],
    [
      'a quote that is never closed, in a small file',
      'text,label\na,x\n"b,y\nc,x',
      'in a record that begins after 2 others',
    ],
    ['nothing', '', 'has no rows'],
    ['a header only', 'text,label\n', 'has no rows'],
    ['one class', 'text,label\na,x\nb,x', 'has one class only: x'],
  ])('with %s are refused with a reason', async (_, content, words) => {
    await expect(list(content)).rejects.toThrow(words);
  });

  it.each([
    // Of the kinds that JSONTestSuite says must be refused.
    '[1,]',
    '{"text":"a",}',
    "{'text':'a'}",
    '{"text":NaN}',
    '{"text":"a"',
    '{"text":"a"}x',
    '{"text":"\\x"}',
    '{"text":"\t"}',
    '[1]',
    '"a"',
    'null',
    '1',
    '\u2060{}',
    '['.repeat(100_000),
  ])('are no JSON Lines with %j: the line is named', async (line) => {
    const content = `{"text":"a","label":"x"}\n${line}\n{"text":"b","label":"y"}`;
    await expect(list(content, 'rows.jsonl')).rejects.toThrow('line 2 is no object');
  });

  it('are none in an empty JSON Lines file, or one of spaces', async () => {
    for (const content of ['', ' ', '\n\n', '\uFEFF'])
      expect(await problemOf(list(content, 'rows.jsonl'))).toBe('data-empty');
  });
});

describe('encodings', () => {
  const content = 'text,label\nnaïve – café,x\nb,y\n';
  const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();
  const utf16 = Buffer.from(`\uFEFF${content}`, 'utf16le');
  /** "–" is byte 0x96 in Windows-1252; the letters are those of Latin-1. */
  const windows = Buffer.from(content.replace('–', '\x96'), 'latin1');

  it.each<[string, Uint8Array, string]>([
    ['UTF-8', Buffer.from(content), 'utf-8'],
    ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${content}`), 'utf-8'],
    ['UTF-16, little end first', utf16, 'utf-16le'],
    ['UTF-16, big end first', swapped(utf16), 'utf-16be'],
    ['UTF-16 without a mark', Buffer.from(content, 'utf16le'), 'utf-16le'],
    ['UTF-16 without a mark, big end first', swapped(Buffer.from(content, 'utf16le')), 'utf-16be'],
    ['Windows-1252', windows, 'windows-1252'],
  ])('%s gives the same texts, and is told', async (_, bytes, encoding) => {
    const { items, encodings, tidied } = await list(bytes);
    expect(items.map(({ text }) => text)).toEqual(['naïve – café', 'b']);
    expect([encodings, tidied]).toEqual([[encoding], 0]);
  });

  it('Windows-1252 has Python’s characters for all its bytes', () => {
    // bytes(range(0x80, 0xa0)).decode('cp1252', 'replace') in Python
    const bytes = Uint8Array.from({ length: 32 }, (_, index) => 0x80 + index);
    const none = '\uFFFD';
    expect(decodeText(bytes)?.text).toBe(`€${none}‚ƒ„…†‡ˆ‰Š‹Œ${none}Ž${none}${none}‘’“”•–—˜™š›œ${none}žŸ`);
  });

  it('of a picture are none', async () => {
    const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d]);
    expect(decodeText(png)).toBeUndefined();
    await expect(list(png)).rejects.toThrow('is no text');
  });

  it('that went wrong before leave controls, halves and U+FFFD, which become spaces: words are not glued', async () => {
    const rows = ['is\x85was', 'it\x96was', 'half \ud83d pair', 'don\ufffdt', 'tab\tand\nline'];
    const { items, tidied } = await list(
      rows.map((text, i) => JSON.stringify({ text, label: i % 2 })).join('\n'),
      'rows.jsonl',
    );
    expect(items.map(({ text }) => text)).toEqual([
      'is was',
      'it was',
      'half   pair',
      'don t',
      'tab\tand\nline',
    ]);
    expect(tidied).toBe(4);
    const tokenizer = await loadEmbeddedTokenizer('minilm-l6');
    expect(tokenizer.encode(items[0]?.text ?? '').ids).toEqual(tokenizer.encode('is was').ids);
    expect(tokenizer.encode(rows[0] ?? '').ids).not.toEqual(tokenizer.encode('is was').ids);
  });

  it('do not touch what has a meaning: joined emoji, bidi marks, soft hyphens, accents; HTML is counted and stays', async () => {
    const rows = [
      '👩‍👩‍👧',
      '\u202etxet\u202c',
      'soft\u00adhyphen',
      `a${'\u0301'.repeat(1000)}`,
      '5 < 6 & 7 > 2',
      '<br /> &amp;',
    ];
    const { items, tidied, withHtml } = await list(
      rows.map((text, i) => JSON.stringify({ text, label: i % 2 })).join('\n'),
      'rows.jsonl',
    );
    expect(items.map(({ text }) => text)).toEqual(rows);
    expect([tidied, withHtml]).toEqual([0, 1]);
  });
});

describe('a folder of text files per class', () => {
  it('gives a text a file, with train and val where they are there', async () => {
    for (const [name, content] of [
      ['train/pos/a.txt', 'good'],
      ['train/neg/b.txt', 'bad'],
      ['val/pos/c.txt', 'fine'],
      ['val/neg/d.TXT', Buffer.from('na\xefve', 'latin1')],
    ] as const)
      put(content, name);
    const { items, classNames, encodings } = await listTexts({ path: folder });
    expect(classNames).toEqual(['neg', 'pos']);
    expect(items.map(({ text, label, split }) => [text, label, split])).toEqual([
      ['bad', 0, 'train'],
      ['good', 1, 'train'],
      ['naïve', 0, 'val'],
      ['fine', 1, 'val'],
    ]);
    expect(encodings).toEqual(['utf-8', 'windows-1252']);
  });

  it('leaves out links, pipes, empty and other files, each with its reason, and opens no pipe', async () => {
    put('good', 'pos/a.txt');
    put('bad', 'neg/b.txt');
    put('', 'neg/empty.txt');
    put(' \n', 'neg/blank.txt');
    put('GIF', 'neg/picture.gif');
    put(Buffer.from([0xff, 0, 1, 2]), 'neg/binary.txt');
    put('hidden', 'neg/.hidden.txt');
    put('beside', 'beside.txt');
    truncateSync(put('', 'neg/large.txt'), 17 * 2 ** 20);
    mkdirSync(join(folder, 'nothing'));
    symlinkSync('..', join(folder, 'pos', 'circle'));
    symlinkSync('/etc/hostname', join(folder, 'pos', 'outside.txt'));
    if (process.platform !== 'win32') execFileSync('mkfifo', [join(folder, 'pos', 'pipe.txt')]);
    const { items, skipped } = await listTexts({ path: folder });
    expect(items.map(({ text }) => text)).toEqual(['bad', 'good']);
    const told = skipped.map(
      ({ file, reason }) => `${basename(file)}: ${reason.replace(file, '').slice(0, 50)}`,
    );
    expect(told.sort()).toEqual([
      'beside.txt: beside the class folders, so it has no class',
      'binary.txt: The text file  is no text: it has bytes that no te',
      'blank.txt: no text',
      'circle: a link, not a file',
      'empty.txt: no text',
      'large.txt: The text file  has 17 MB.',
      'outside.txt: a link, not a file',
      'picture.gif: not a text file (.gif)',
      ...(process.platform === 'win32' ? [] : ['pipe.txt: not a regular file']),
    ]);
  });

  it('may have thousands of files', async () => {
    for (const name of ['pos', 'neg']) {
      mkdirSync(join(folder, name));
      for (let i = 0; i < 1500; i++) writeFileSync(join(folder, name, `${i}.txt`), `${name} ${i}`);
    }
    expect((await listTexts({ path: folder })).items).toHaveLength(3000);
  });
});

describe('what is no file', () => {
  it('is not opened, and named', async () => {
    await expect(listTexts({ path: join(folder, 'none.csv') })).rejects.toThrow('none.csv does not exist');
    if (process.platform === 'win32') return;
    await expect(listTexts({ path: '/dev/null' })).rejects.toThrow('is no regular file');
    execFileSync('mkfifo', [join(folder, 'pipe.csv')]);
    await expect(listTexts({ path: join(folder, 'pipe.csv') })).rejects.toThrow('is no regular file');
  });
});

describe('the embedded texts', () => {
  it('load with their sources as a column and their documents as blocks', async () => {
    const sentences = await listTexts({
      path: join(mediaFolder('data', 'sentiment-sentences'), 'train.jsonl'),
    });
    expect(sentences).toMatchObject({ classNames: ['negative', 'positive'], skipped: [], tidied: 0 });
    expect(sentences.items).toHaveLength(2000);
    const brown = await listTexts({
      path: join(mediaFolder('data', 'brown'), 'train.jsonl'),
      columns: { block: 'document' },
    });
    expect(new Set(brown.items.map(({ block }) => block)).size).toBe(172); // as its README says
  });
});
