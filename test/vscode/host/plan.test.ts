import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Api } from '../../../src/extension';
import { api, ownFolder, workspaceFolder } from './help';

suite('what would train', () => {
  let lab: Api;
  let file: string;

  suiteSetup(async () => {
    lab = await api();
    file = join(await ownFolder('plan'), 'experiment.ts');
    const source = await readFile(join(workspaceFolder(), 'experiment.ts'), 'utf8');
    await writeFile(file, source.replaceAll('data/emoji-10', join(workspaceFolder(), 'data/emoji-10')));
  });
  suiteTeardown(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  test('is shown without an estimate, which a few steps in other processes then give', async () => {
    await vscode.commands.executeCommand('transferLab.showFreezeMap', { file, experiment: 'headOnly' });
    const panel = lab.plan.loaded;
    const before = panel?.shown;
    assert.equal(before?.kind, 'plan');
    assert.equal(before.estimate, undefined);
    await panel?.estimate();
    const after = panel?.shown;
    assert.equal(after?.kind, 'plan');
    assert.equal(after.estimate?.kind, 'known', JSON.stringify(after.estimate));
    const { seconds, memory, counts, fits } = after.estimate.estimate;
    assert.ok(seconds.value > 0 && memory.value > 0 && fits);
    assert.deepEqual(counts, { train: 200, val: 100, test: 300 });
  });
});
