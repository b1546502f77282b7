import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LearnerError } from '../../protocol/errors';
import { mediaFolder } from '../media';
import { readTaggedRows, readTextRows } from './text-rows';

const folder = mkdtempSync(path.join(tmpdir(), 'transfer-lab-rows-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(content: string): string {
  const file = path.join(folder, 'rows.jsonl');
  writeFileSync(file, content);
  return file;
}

async function problemOf(
  content: string,
  read: (file: string) => Promise<unknown> = readTextRows,
): Promise<LearnerError['problem'] | undefined> {
  try {
    await read(fileOf(content));
    return undefined;
  } catch (error) {
    if (error instanceof LearnerError) return error.problem;
    throw error;
  }
}

describe('rows of text', () => {
  it('read the embedded sentences and the tagged passages', async () => {
    const sentences = await readTextRows(
      path.join(mediaFolder('data', 'sentiment-sentences'), 'train.jsonl'),
    );
    expect(sentences).toHaveLength(2000);
    const passages = await readTaggedRows(path.join(mediaFolder('data', 'brown'), 'val.jsonl'));
    expect(passages).toHaveLength(100);
    expect(passages[0]?.names).toHaveLength(passages[0]?.words.length ?? 0);
  });

  it('may have a byte order mark, Windows line ends, empty lines and fields of their own', async () => {
    const file = fileOf('\uFEFF{"text":"a","label":"x","mine":1}\r\n\r\n{"text":"b","label":"y"}\r\n');
    expect(await readTextRows(file)).toEqual([
      { text: 'a', label: 'x', mine: 1 },
      { text: 'b', label: 'y' },
    ]);
  });

  it.each([
    ['a line that is no JSON', '{"text":"a","label":"x"}\n{"text":', 'Line 2 of', 2],
    ['a label that is a number', '{"text":"a","label":1}', 'field "label"', 1],
    ['no text', '{"label":"x"}', 'field "text"', 1],
  ])('with %s are refused with their place', async (_, content, words, line) => {
    const problem = await problemOf(content);
    expect(problem?.code).toBe('data-row-wrong');
    expect(problem?.message).toContain(words);
    expect(problem?.location?.line).toBe(line);
  });

  it('with fewer tags than words are refused', async () => {
    const row = { text: 'a b', label: 'x', words: ['a', 'b'], names: ['O'], pos: ['X', 'X'] };
    expect((await problemOf(JSON.stringify(row), readTaggedRows))?.message).toContain(
      'one tag for each of `words`',
    );
  });

  it('that are none, or that are not there, say so', async () => {
    expect((await problemOf('\n'))?.code).toBe('data-empty');
    await expect(readTextRows(path.join(folder, 'missing.jsonl'))).rejects.toThrow(
      'missing.jsonl does not exist',
    );
  });
});
