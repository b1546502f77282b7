import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExerciseFile } from '../../protocol/exercise';
import type { Block, Inline, InstructionAction } from '../../protocol/instructions';
import { LONGEST, readMarkdown } from './read-markdown';

const exercise = {
  entry: 'experiment.ts',
  tasks: ['first', 'second'].map((id) => ({ id, title: id, hints: [] })),
};
const addressOf = (path: string): string => `address of ${path}`;
const read = (text: string): Block[] => readMarkdown(text, exercise, addressOf).blocks;
const text = (words: string) => ({ type: 'text', text: words });

/** Everything below a value that has a type: blocks and inlines of all depths. */
function all(value: unknown): (Block | Inline)[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'type' in value ? [value as Block] : [];
  return [...own, ...Object.values(value).flatMap(all)];
}

describe('a README as blocks', () => {
  it('has paragraphs with emphasis, code and breaks', () => {
    expect(read('A _small_ **bold** `code`\nnext  \nline')).toEqual([
      {
        type: 'paragraph',
        children: [
          text('A '),
          { type: 'emphasis', children: [text('small')] },
          text(' '),
          { type: 'strong', children: [text('bold')] },
          text(' '),
          { type: 'code', text: 'code' },
          text(' '),
          text('next'),
          { type: 'break' },
          text('line'),
        ],
      },
    ]);
  });
  it('has code blocks with their language', () => {
    expect(read('```ts extra\nconst a = 1;\n```')).toEqual([
      { type: 'code', language: 'ts', text: 'const a = 1;\n' },
    ]);
  });
  it('has lists in lists, and their first number', () => {
    expect(read('3. a\n   - b')).toEqual([
      {
        type: 'list',
        ordered: true,
        start: 3,
        items: [
          [
            { type: 'paragraph', children: [text('a')] },
            {
              type: 'list',
              ordered: false,
              start: 1,
              items: [[{ type: 'paragraph', children: [text('b')] }]],
            },
          ],
        ],
      },
    ]);
  });
  it('has tables; a row that begins with a name in code can be linked to', () => {
    const [table] = read('| a | b |\n| --- | --: |\n| `too-low` | 1 |\n| x | `y` |');
    expect(table).toMatchObject({ type: 'table', head: { cells: [{}, { align: 'right' }] } });
    expect(table?.type === 'table' && table.rows.map(({ id }) => id)).toEqual(['too-low', undefined]);
  });
  it('gives headings the ids that GitHub gives them', () => {
    const ids = read('# What’s new?\n\n## Über `das` Maß\n\n## Hints\n\n## Hints').map((one) =>
      'id' in one ? one.id : '',
    );
    expect(ids).toEqual(['whats-new', 'über-das-maß', 'hints', 'hints-1']);
  });
  it('knows where each task begins, once', () => {
    const found = read('# Task\n\n## Task 1: a\n\n## Task 2\n\n## Task 1 again\n\n## Task 9\n\n## Tasks 1');
    expect(found.map((one) => ('task' in one ? one.task : undefined))).toEqual([
      undefined,
      'first',
      'second',
      undefined,
      undefined,
      undefined,
    ]);
  });
  it('has the pictures of its folder', () => {
    expect(read('![Two curves](images/curve.png)')).toEqual([
      {
        type: 'paragraph',
        children: [{ type: 'picture', address: 'address of images/curve.png', alt: 'Two curves' }],
      },
    ]);
  });
  it('keeps a quote and a rule', () => {
    expect(read('> a\n\n---')).toEqual([
      { type: 'quote', blocks: [{ type: 'paragraph', children: [text('a')] }] },
      { type: 'rule' },
    ]);
  });
});

describe('what a README cannot do', () => {
  it.each([
    ['<script>alert(1)</script>'],
    ['<img src=x onerror=alert(1)>'],
    ['a <b onmouseover="alert(1)">b</b>'],
    ['<iframe src="https://example.org"></iframe>'],
    ['<!-- comment -->'],
    ['<https://example.org" onclick="alert(1)>'],
  ])('%s is text', (source) => {
    const found = all(read(source));
    expect(found.map(({ type }) => type).filter((type) => type !== 'text' && type !== 'paragraph')).toEqual(
      [],
    );
    expect(found.map((one) => ('text' in one ? one.text : '')).join('')).toBe(source);
  });
  it.each([
    ['[press](javascript:alert(1))', 'press'],
    ['[press](<data:text/html,x>)', 'press'],
    ['[press](command:workbench.action.terminal.new)', 'press'],
    ['[press][1]\n\n[1]: javascript:alert(1)', 'press'],
    ['![a pixel](https://example.org/pixel.png)', 'a pixel'],
    ['![x](data:image/svg+xml,<svg/onload=alert(1)>)', 'x'],
    ['<javascript:alert(1)>', 'javascript:alert(1)'],
  ])('of %s only the words stay', (source, words) => {
    expect(read(source)).toEqual([{ type: 'paragraph', children: [text(words)] }]);
  });
  it('keep the editor busy for long: a huge text ends early, deep nesting is cut, brackets do not multiply', () => {
    const huge = readMarkdown('word '.repeat(LONGEST), exercise, addressOf);
    expect(huge.shortened).toBe(true);
    expect(JSON.stringify(huge.blocks).length).toBeLessThan(LONGEST + 1000);
    const nasty = [
      '>'.repeat(5000),
      '['.repeat(20_000),
      '*a_ '.repeat(20_000),
      '`'.repeat(20_000),
      '![['.repeat(9000),
    ];
    for (const source of nasty) expect(JSON.stringify(read(source)).length).toBeGreaterThan(10);
  });
});

const exercises = join(import.meta.dirname, '../../../exercises');
const names = readdirSync(exercises, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe.each(names)('the README of %s', (name) => {
  const folder = join(exercises, name);
  const file = JSON.parse(readFileSync(join(folder, 'exercise.json'), 'utf8')) as ExerciseFile;
  const source = readFileSync(join(folder, 'README.md'), 'utf8');
  const parts = all(readMarkdown(source, file, addressOf).blocks);
  const links = parts.flatMap((one) => (one.type === 'link' ? [one.target] : []));
  const actions = links.flatMap((one): InstructionAction[] => (one.kind === 'action' ? [one.action] : []));
  const tasks = file.tasks.map(({ id }) => id);

  it('has a heading for each task, and each task can be opened and asked about from it', () => {
    expect(parts.flatMap((one) => (one.type === 'heading' && one.task ? [one.task] : []))).toEqual(tasks);
    for (const kind of ['openTask', 'hint'])
      expect(actions.flatMap((one) => ('task' in one && one.action === kind ? [one.task] : []))).toEqual(
        tasks,
      );
  });
  it('lets the learner run something, check, and see the solution', () => {
    const kinds = actions.map(({ action }) => action);
    for (const kind of ['check', 'solution'] as const) expect(kinds).toContain(kind);
    expect(kinds.includes('fineTune') || kinds.includes('compare')).toBe(true);
  });
  it('has no link that leads nowhere', () => {
    expect(links.length).toBe([...source.matchAll(/\]\(([^)]*)\)/g)].length);
    const ids = parts.flatMap((one) => (one.type === 'heading' ? [one.id] : []));
    for (const link of links) if (link.kind === 'place') expect(ids).toContain(link.id);
  });
});
