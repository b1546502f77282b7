import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Told } from '../../../src/editor/guard';
import type { Api } from '../../../src/extension';
import { RATE_TESTS_FOLDER, RUN_FILES } from '../../../src/protocol/run-files';
import type { RateTest } from '../../../src/protocol/rate-test';
import { api, eventually, lensesOf, ownFolder, show, until, workspaceFolder } from './help';

suite('finding a learning rate', () => {
  let lab: Api;
  let folder: string;
  let file: string;

  suiteSetup(async () => {
    lab = await api();
    folder = await ownFolder('rates');
    file = join(folder, 'experiment.ts');
    const source = await readFile(join(workspaceFolder(), 'experiment.ts'), 'utf8');
    await writeFile(file, source.replaceAll('data/emoji-10', join(workspaceFolder(), 'data/emoji-10')));
  });

  const isTested = ({ run }: RateTest): boolean => {
    assert.notEqual(run.status, 'failed', JSON.stringify(run.problem));
    return run.status === 'finished' || run.status === 'stopped';
  };
  const find = (experiment: string): Thenable<unknown> =>
    vscode.commands.executeCommand('transferLab.findLearningRate', { file, experiment });
  async function told(action: () => Thenable<unknown>): Promise<Told[]> {
    const said: Told[] = [];
    const listening = lab.onDidTell((one) => said.push(one));
    await action();
    listening.dispose();
    return said;
  }

  test('is offered above each experiment', async () => {
    await show(file);
    const titles = (await lensesOf(file)).filter(({ title }) => title === 'Find learning rate');
    assert.deepEqual(
      titles.map(({ line }) => line),
      [3, 12],
    );
  });

  test('tests rates in a process of its own, suggests three, and is no run', async () => {
    const runs = lab.manager.runs.length;
    await find('headOnly');
    const test = await eventually(() =>
      lab.rates.test && isTested(lab.rates.test) ? lab.rates.test : undefined,
    );
    assert.equal(test.plan?.current, 3e-3);
    assert.deepEqual(
      test.result?.suggestions.map(({ id }) => id),
      ['valley', 'steepest', 'tenthOfMinimum'],
    );
    assert.equal(lab.manager.runs.length, runs);
    const [directory = ''] = await readdir(join(folder, RATE_TESTS_FOLDER));
    const left = await readdir(join(folder, RATE_TESTS_FOLDER, directory));
    assert.deepEqual(left.sort(), [RUN_FILES.events, RUN_FILES.output, RUN_FILES.run].sort());
  });

  test('writes a suggestion into the strategy of that experiment, and Undo takes it back', async () => {
    const editor = await show(file);
    const before = editor.document.getText();
    const rate = lab.rates.test?.result?.suggestions[0]?.learningRate;
    const said = await told(() => vscode.commands.executeCommand('transferLab.rates.use', 'valley'));
    assert.match(said[0]?.text ?? '', /^learningRate of headOnly is now [\d.e-]+\. Undo takes it back\.$/);
    const after = editor.document.getText();
    assert.match(after, /strategies\.featureExtraction\(\{ learningRate: [\d.e-]+ \}\)/);
    const written = /learningRate: ([\d.e-]+)/.exec(after)?.[1];
    assert.equal(Number(written), rate);
    assert.match(after, /strategies\.wholeModel\(\)/);
    await vscode.commands.executeCommand('undo');
    await until(() => editor.document.getText() === before);
  });

  test('leaves code alone in which the rate is no number, and says so', async () => {
    const editor = await show(file);
    const place = editor.document.getText().indexOf('featureExtraction(') + 'featureExtraction('.length;
    await editor.edit((edit) => edit.insert(editor.document.positionAt(place), '{ learningRate: 1 / 300 }'));
    const before = editor.document.getText();
    const said = await told(() => vscode.commands.executeCommand('transferLab.rates.use', 'steepest'));
    assert.match(said[0]?.text ?? '', /^learningRate of headOnly is no number .* Nothing was changed\.$/);
    assert.equal(editor.document.getText(), before);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  test('ends when its view is closed', async () => {
    await find('long');
    await until(() => (lab.rates.test?.points.length ?? 0) > 0 && lab.rates.test?.run.status === 'training');
    await eventually(async () => {
      const tab = vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .find(({ label }) => label === 'Learning rate');
      return tab && (await vscode.window.tabGroups.close(tab)) ? true : undefined;
    });
    await until(() => lab.rates.test !== undefined && isTested(lab.rates.test));
    assert.equal(lab.rates.test?.result?.end, 'stopped');
  });
});
