import fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LearnerError } from '../../protocol/errors';
import type { Problem } from '../../protocol/errors';
import { loadExperimentFile, pickExperiment } from './load-experiment';
import { temporaryFolder } from './testing/temporary-folder';

interface Made {
  readonly made: unknown;
}
const isMade = (value: unknown): value is Made =>
  typeof value === 'object' && value !== null && 'made' in value;
const lab = { experiment: (made: unknown): Made => ({ made }) };
const modules = { 'transfer-lab': lab };

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(join(folder, name, '..'), { recursive: true });
    fs.writeFileSync(join(folder, name), text);
  }
  return folder;
}
const load = (folder: string, name = 'experiment.ts') => loadExperimentFile(join(folder, name), { modules });
async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  if (!(error instanceof LearnerError)) throw new Error('expected a LearnerError', { cause: error });
  return error.problem;
}

describe('loadExperimentFile', () => {
  it('runs TypeScript with own files, own packages and the shared modules, whatever tsconfig paths say', async () => {
    const folder = folderOf({
      'experiment.ts': `import { experiment } from 'transfer-lab';
        import { five } from './more';
        import six from 'six';
        enum Kind { A = 3 }
        export const a = experiment({ sum: five + six, kind: Kind.A as number });
        export const wrongType: string = 7;`,
      'more.ts': 'export const five: number = 5;',
      'node_modules/six/package.json': '{ "name": "six", "main": "index.js" }',
      'node_modules/six/index.js': 'module.exports = 6;',
      'tsconfig.json': '{ "compilerOptions": { "paths": { "transfer-lab": ["./types.d.ts"] } } }',
      'types.d.ts': 'export {};',
    });
    expect(pickExperiment(await load(folder), 'a', isMade)).toEqual({ made: { sum: 11, kind: 3 } });
  });

  it('runs JavaScript, also CommonJS', async () => {
    const folder = folderOf({ 'a.js': "exports.a = require('transfer-lab').experiment(1);" });
    expect((await load(folder, 'a.js')).exports).toEqual({ a: { made: 1 } });
  });

  it('names the line of a syntax error in an imported file', async () => {
    const folder = folderOf({ 'experiment.ts': "import './more';", 'more.ts': '\n\nconst = 1;' });
    const problem = await problemOf(load(folder));
    expect(problem).toMatchObject({
      code: 'experiment-syntax',
      location: { file: join(folder, 'more.ts'), line: 3 },
    });
  });

  it('names what an import does not find', async () => {
    const problem = await problemOf(load(folderOf({ 'experiment.ts': "\nimport x from 'no-such';\nx();" })));
    expect(problem).toMatchObject({ code: 'experiment-import', location: { line: 2 } });
    expect(problem.message).toContain('no-such');
  });

  it('names the line and column at which the file throws, in the original', async () => {
    const folder = folderOf({
      'experiment.ts':
        'interface Gone { a: string }\n\ntype Too = Gone;\n\nconst f = (x: Too) => {\n  throw new TypeError("no");\n};\nf({ a: "" });',
    });
    const problem = await problemOf(load(folder));
    expect(problem).toMatchObject({
      code: 'experiment-threw',
      location: { file: join(folder, 'experiment.ts'), line: 6 },
    });
    expect(problem.message).toContain('TypeError: no');
  });

  it('places an error that comes later, out of a function of the learner', async () => {
    const loaded = await load(
      folderOf({
        'experiment.ts': 'type A = 1;\n\nexport const f = () => {\n  throw new Error("later");\n};',
      }),
    );
    try {
      (loaded.exports['f'] as () => void)();
    } catch (error) {
      expect(loaded.locate(error)).toMatchObject({ line: 4 });
    }
    expect(loaded.locate(new Error('ours'))).toBeUndefined();
    expect.assertions(2);
  });

  it('lists what is there when a name is not', async () => {
    const loaded = await load(
      folderOf({
        'experiment.ts':
          "import { experiment } from 'transfer-lab'; export const a = experiment(1), b = experiment(2), c = 3;",
      }),
    );
    expect(() => pickExperiment(loaded, 'd', isMade)).toThrow('exports no experiment "d"');
    try {
      pickExperiment(loaded, 'c', isMade);
    } catch (error) {
      expect((error as LearnerError).problem.remedy).toBe('Choose one of: a, b.');
    }
  });
});
