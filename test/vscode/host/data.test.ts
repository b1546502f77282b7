import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Api } from '../../../src/extension';
import type { DataContent } from '../../../src/protocol/data-view';
import { api, eventually, lensesOf, ownFolder, show, workspaceFolder } from './help';

suite('looking at the data', () => {
  let lab: Api;
  let file: string;

  suiteSetup(async () => {
    lab = await api();
    file = join(await ownFolder('data'), 'experiment.ts');
    const source = await readFile(join(workspaceFolder(), 'experiment.ts'), 'utf8');
    await writeFile(file, source.replaceAll('data/emoji-10', join(workspaceFolder(), 'data/emoji-10')));
  });
  suiteTeardown(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  const shownOf = <K extends DataContent['kind']>(
    kind: K,
    what: (content: DataContent) => boolean = () => true,
  ) =>
    eventually(() => {
      const shown = lab.data.loaded?.shown;
      return shown?.kind === kind && what(shown) ? (shown as Extract<DataContent, { kind: K }>) : undefined;
    });

  test('is offered above each experiment', async () => {
    await show(file);
    const titles = (await lensesOf(file)).filter(({ title }) => title === 'Look at the data');
    assert.deepEqual(
      titles.map(({ line }) => line),
      [3, 12],
    );
  });

  test('shows what the experiment learns from', async () => {
    await vscode.commands.executeCommand('transferLab.showData', { file, experiment: 'headOnly' });
    const { look, saved } = await shownOf('look');
    assert.equal(saved, true);
    assert.equal(look.report.classes.length, 10);
    assert.deepEqual(look.report.classes[0], { className: 'cactus', train: 20, val: 10, test: 30 });
    assert.ok(look.samples.every((samples) => samples.length === 12));
    assert.deepEqual(look.report.warnings, []);
  });

  test('follows the editor, and says in words what cannot be read', async () => {
    const editor = await show(file);
    const before = editor.document.getText();
    const write = (text: string): Thenable<boolean> => {
      const end = editor.document.positionAt(editor.document.getText().length);
      return editor.edit((edit) => edit.replace(new vscode.Range(new vscode.Position(0, 0), end), text));
    };
    const ofSize = (size: number) =>
      shownOf('look', (content) => content.kind === 'look' && content.look.preparation.imageSize === size);
    await write(before.replace('imageSize: 64', 'imageSize: 48'));
    await ofSize(48);
    await write(before.replace(/imageFolder\('[^']+'/, "imageFolder('nowhere'"));
    const { message, remedy } = await shownOf('problem');
    assert.match(message, /nowhere does not exist/);
    assert.match(remedy, /Correct the path/);
    await write(before);
    await ofSize(64);
  });
});
