import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RUN_FILES, RUNS_FOLDER } from '../../protocol/run-files';
import { unknownRuns } from './unknown-runs';

describe('unknownRuns', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'unknown-runs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function run(name: string): string {
    const directory = join(folder, RUNS_FOLDER, name);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, RUN_FILES.run), '{}');
    return directory;
  }

  it('finds the runs that nobody has told about, once where a folder is named twice', async () => {
    const known = run('a');
    const unknown = run('b');
    expect(await unknownRuns([folder, folder], (directory) => directory === known)).toEqual([unknown]);
  });

  it('leaves a directory alone until it says what was asked for', async () => {
    mkdirSync(join(folder, RUNS_FOLDER, 'being-made'), { recursive: true });
    expect(await unknownRuns([folder], () => false)).toEqual([]);
  });

  it('takes a folder without runs, or without anything, as empty', async () => {
    expect(await unknownRuns([folder, join(folder, 'nowhere')], () => false)).toEqual([]);
  });
});
