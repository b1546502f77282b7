import { describe, expect, it } from 'vitest';
import { findExperiments, lineOfExperiment } from './find-experiments';

const IMPORT = "import { experiment, strategies, type Experiment } from 'transfer-lab';";

/** Names and lines; the import is line 1, `code` begins on line 2. */
function found(code: string, imports = IMPORT): string[] {
  return findExperiments(`${imports}\n${code}`).map(({ name, line }) => `${name} ${line}`);
}

describe('findExperiments', () => {
  it.each([
    ['a plain export', 'export const a = experiment({});', ['a 2']],
    ['let and var', 'export let a = experiment({});\nexport var b = experiment({})', ['a 2', 'b 3']],
    ['a type', 'export const a: Experiment = experiment({});', ['a 2']],
    ['an object type', 'export const a: { x: () => number } = experiment({});', ['a 2']],
    ['a value on the next line', 'export const a: Experiment =\n  // why\n  experiment({});', ['a 2']],
    ['no semicolons', 'export const a = experiment({})\nexport const b = experiment({})', ['a 2', 'b 3']],
    [
      'several declarators',
      'export const a = experiment({ x: [1, 2] }),\n  b = experiment({});',
      ['a 2', 'b 3'],
    ],
    ['satisfies', 'export const a = experiment({}) satisfies Experiment;', ['a 2']],
    ['type arguments', 'export const a = experiment<Image>({});', ['a 2']],
    ['brackets and await', 'export const a = (await experiment({}));', ['a 2']],
    ['a default', 'export default experiment({});', ['default 2']],
    ['a default that has a name', 'const a = experiment({});\n\nexport default a;', ['default 2']],
    ['an export list', 'const a = experiment({}), b = 1;\nexport { a, b };', ['a 2']],
    [
      'an export list with another name',
      "const a = experiment({});\nexport { a as b, a as 'c' };",
      ['b 2', 'c 2'],
    ],
    [
      'names beyond ASCII',
      'export const größe = experiment({});\nexport const $1 = experiment({});',
      ['größe 2', '$1 3'],
    ],
    [
      'a function of the file',
      'const make = (rate: number) => experiment({ rate });\nexport const a = make(1);',
      ['a 3'],
    ],
    [
      'a declared function',
      'function make(rate) {\n  return experiment({ rate });\n}\nexport const a = make(1);',
      ['a 5'],
    ],
    ['an own head', 'export const a = experiment({ head: (x) => x, note: "=>" });', ['a 2']],
    ['Windows line ends', 'const x = 1;\r\nexport const a = experiment({});\r\n', ['a 3']],
    [
      'regular expressions',
      'const r = /[/*"`]\\/`/g; const half = 1 / 2 / 3;\nexport const a = experiment({});',
      ['a 3'],
    ],
    [
      'nested templates',
      'const t = `a ${`b ${"}"} ${{ c: 1 }.c}`} d`;\nexport const a = experiment({});',
      ['a 3'],
    ],
  ])('finds %s', (_title, code, expected) => {
    expect(found(code)).toEqual(expected);
  });

  it.each([
    [
      'comments',
      '// export const a = experiment({})\n/* export const b = experiment({}) */\n/** @example export const c = experiment({}) */',
    ],
    [
      'strings and templates',
      "const a = 'export const a = experiment({})';\nconst b = `\nexport const b = experiment({})\n${1}`;",
    ],
    ['what is not exported', 'const hidden = experiment({});'],
    ['types', 'export type A = Experiment;\nexport declare function experiment(): void;'],
    ['what is re-exported: its file has the line', "export { a } from './other';\nexport * from './more';"],
    ['an import that is only handed on', "import { b } from './other';\nexport { b };"],
    ['methods of that name', 'export const a = laboratory.experiment({});'],
    ['functions that make experiments', 'export const make = () => experiment({});'],
  ])('leaves out %s', (_title, code) => {
    expect(found(code)).toEqual([]);
  });

  it.each([
    ["import { experiment as trial } from 'transfer-lab';", 'export const a = trial({});'],
    ["import * as lab from 'transfer-lab';", 'export const a = lab.experiment({});'],
    ["import lab from 'transfer-lab';", 'export const a = lab.experiment({});'],
    ["const { experiment } = require('transfer-lab');", 'exports.a = experiment({});'],
    ["const { experiment: trial } = require('transfer-lab');", 'module.exports.a = trial({});'],
    ["const lab = require('transfer-lab');", 'module.exports = { a: lab.experiment({}), other: 1 };'],
    ["const lab = require('transfer-lab');", 'const a = lab.experiment({}); module.exports = { a };'],
    ["const lab = await import('transfer-lab');", 'export const a = lab.experiment({});'],
  ])('follows %s', (imports, code) => {
    expect(found(code, imports)).toEqual(['a 2']);
  });

  it('does not take another library’s function of that name', () => {
    expect(
      found(
        'export const a = experiment({});',
        "import { experiment } from 'a-b-tests'; // not transfer-lab",
      ),
    ).toEqual([]);
  });

  it.each([
    [
      'an open bracket',
      'export const half = experiment({ data: imageFolder(\nexport const a = experiment({});',
      'a 3',
    ],
    ['an open template', 'const t = `half\nexport const a = experiment({});', 'a 3'],
    ['an open comment', '/* half\nexport const a = experiment({});', 'a 3'],
    ['an open string', "const t = 'half\nexport const a = experiment({});", 'a 3'],
    ['a spare bracket', 'const t = 1 }});\nexport const a = experiment({});', 'a 3'],
  ])(
    'still finds what comes after %s, so that lines do not jump while one types',
    (_title, code, expected) => {
      expect(found(code)).toContain(expected);
    },
  );

  it('knows the line of a variable that is exported elsewhere', () => {
    expect(lineOfExperiment('\nconst a = somewhere();\nexport { a };', 'a')).toBe(2);
    expect(lineOfExperiment('', 'a')).toBe(1);
  });
});
