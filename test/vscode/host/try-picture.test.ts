import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { ManagedRun } from '../../../src/editor/runs/run-manager';
import type { Api } from '../../../src/extension';
import { api, eventually, until, workspaceFolder } from './help';

/** Processes that hold the network of this run; undefined where the system does not tell. */
async function predicting(directory: string): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined;
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')), // It has ended meanwhile.
  );
  return lines.filter((line) => line.includes('predicting.js') && line.includes(directory)).length;
}

suite('trying a picture', () => {
  let lab: Api;
  let run: ManagedRun;
  const picture = (): string => join(workspaceFolder(), 'data/emoji-10/test/crab/003.png');

  suiteSetup(async () => {
    lab = await api();
    const file = join(workspaceFolder(), 'experiment.ts');
    const isDone = ({ state }: ManagedRun): boolean => state.status === 'finished';
    const found = lab.manager.runs.find((one) => isDone(one) && one.run.experiment === 'headOnly');
    if (found) {
      run = found;
      return;
    }
    const before = new Set(lab.manager.runs);
    await vscode.commands.executeCommand('transferLab.fineTune', { file, experiment: 'headOnly' });
    run = await eventually(() => lab.manager.runs.find((one) => !before.has(one) && isDone(one)));
  });

  test('is offered at a run that is finished, and opens with its network', async () => {
    assert.equal(lab.views.tree.getTreeItem(run).contextValue, 'run.finished');
    await vscode.commands.executeCommand('transferLab.tryPicture', run);
    assert.deepEqual(lab.tryPicture.content, { directory: run.directory, title: 'headOnly' });
  });

  test('says the five surest classes, and where the network looked', async () => {
    await lab.tryPicture.tryFile(picture());
    const { result, problem } = lab.tryPicture.content ?? {};
    assert.equal(problem, undefined);
    assert.equal(result?.name, '003.png');
    const { classes, numClasses, layer, side } = result.picture;
    assert.deepEqual([numClasses, classes.length, side], [10, 5, 64]);
    assert.deepEqual(layer, { name: 'layer4', rows: 2, columns: 2 }); // 64 / 32
    const known = run.state.predictions.find(({ file }) => file.endsWith('crab/003.png'));
    const names = run.state.data?.classNames ?? [];
    if (known) assert.equal(classes[0]?.name, names[known.predicted]);
    for (const { heat } of classes) assert.equal(heat.length, 4);
  });

  test('says what is wrong with a file that is no picture, and takes the next', async () => {
    const file = join(workspaceFolder(), 'notes.png');
    await writeFile(file, 'These are notes.');
    await lab.tryPicture.tryFile(file);
    assert.match(
      lab.tryPicture.content?.problem?.message ?? '',
      /^notes\.png cannot be used: its content is no picture/,
    );
    assert.equal(lab.tryPicture.content?.result, undefined);
    await lab.tryPicture.tryFile(picture());
    assert.equal(lab.tryPicture.content?.problem, undefined);
    const alive = await predicting(run.directory);
    if (alive !== undefined) assert.equal(alive, 1, 'one process for all pictures');
  });

  test('ends with its view', async () => {
    await eventually(async () => {
      const tab = vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .find(({ label }) => label === 'Try a picture');
      return tab && (await vscode.window.tabGroups.close(tab)) ? true : undefined;
    });
    await until(() => lab.tryPicture.content === undefined);
    await eventually(async () => ((await predicting(run.directory)) ? undefined : true));
  });
});
