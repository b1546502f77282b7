import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkTypes } from './types';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfer-lab-types-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function found(files: Record<string, string>, entry: string): Promise<string[]> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return checkTypes(join(folder, entry)).map(
    ({ code, location }) => `${code} ${location.line}:${location.column}`,
  );
}

describe('checkTypes', () => {
  it('says what tsc says, with line and column', async () => {
    // TS2322: Type 'string' is not assignable to type 'number'.
    expect(await found({ 'e.ts': "export {};\nconst x: number = 'a';\nvoid x;\n" }, 'e.ts')).toEqual([
      'TS2322 2:7',
    ]);
  });

  it('looks into the files that are imported', async () => {
    const files = {
      'e.ts': "import { y } from './own';\nvoid y;\n",
      'own.ts': 'export const y: string = 1;\n',
    };
    expect(await found(files, 'e.ts')).toEqual(['TS2322 1:14']);
  });

  it("uses the folder's tsconfig.json", async () => {
    const files = {
      'e.ts': 'export const f = (x) => x;\n',
      'tsconfig.json': '{ "compilerOptions": { "strict": false } }',
    };
    expect(await found(files, 'e.ts')).toEqual([]);
    expect(await found({ ...files, 'tsconfig.json': 'not json' }, 'e.ts')).not.toEqual([]);
  });

  it('takes JavaScript as it is, unless it cannot be read', async () => {
    expect(await found({ 'e.mjs': "let x = 1;\nx = 'a';\nexport { x };\n" }, 'e.mjs')).toEqual([]);
    // TS1109: Expression expected.
    expect(await found({ 'e.mjs': 'export const x = ;\n' }, 'e.mjs')).toEqual(['TS1109 1:18']);
  });
});
