import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Told } from '../../../src/editor/guard';
import type { Api } from '../../../src/extension';
import type { ManagedRun } from '../../../src/editor/runs/run-manager';
import { startRun } from '../../../src/training/runs';
import { api, eventually, extension, ownFolder, show, until } from './help';

suite('runs that go wrong, and runs of others', () => {
  let lab: Api;
  let folder: string;
  let file: string;
  const told: Told[] = [];

  suiteSetup(async () => {
    lab = await api();
    lab.onDidTell((one) => told.push(one));
    folder = await ownFolder('life');
    file = join(folder, 'experiment.ts');
  });
  setup(() => {
    told.length = 0;
  });

  const launcher = () => ({
    node: { path: process.execPath, asElectron: false, version: process.version, origin: 'path' as const },
    mainScript: extension().extensionUri.fsPath + '/dist/main.js',
    version: 'test',
  });
  const ended = async (directory: string): Promise<ManagedRun> => {
    const run = await eventually(() => lab.manager.runs.find((one) => one.directory === directory));
    await until(() => run.ended);
    return run;
  };
  const problems = (): vscode.Diagnostic[] =>
    vscode.languages.getDiagnostics(vscode.Uri.file(file)).filter(({ source }) => source === 'Transfer Lab');

  const THROWS = [
    "import { experiment } from 'transfer-lab';",
    '',
    'export const wrong = experiment({',
    "  data: (() => { throw new Error('no such data'); })(),",
    '});',
    '',
  ].join('\n');

  test('a mistake in the learner’s file is told once and shown at its line, until the file is changed', async () => {
    await writeFile(file, THROWS);
    const editor = await show(file);
    await vscode.commands.executeCommand('transferLab.fineTune');
    const run = await eventually(() => lab.manager.runs.find((one) => one.run.experiment === 'wrong'));
    await until(() => run.ended);
    assert.equal(run.state.status, 'failed');
    const [diagnostic] = await eventually(() => (problems().length > 0 ? problems() : undefined));
    assert.equal(diagnostic?.range.start.line, 3);
    assert.match(diagnostic?.message ?? '', /no such data/);
    const about = told.filter(({ kind }) => kind !== 'note');
    assert.equal(about.length, 1, JSON.stringify(told));
    assert.match(about[0]?.text ?? '', /no such data.*Correct the line/);

    await lab.manager.adopt(run.directory, false);
    await lab.manager.discover();
    assert.equal(told.filter(({ kind }) => kind !== 'note').length, 1, 'not told again');

    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// mended\n'));
    assert.deepEqual(problems(), []);
    await editor.document.save();
  });

  test('a run that a terminal started appears by itself; its failure is shown but not announced', async () => {
    const { directory } = await startRun({ file, experiment: 'wrong' }, launcher());
    const run = await ended(directory);
    assert.equal(run.state.status, 'failed');
    assert.deepEqual(told, []);
  });

  test('deleting a run asks first: without an answer nothing is deleted', async () => {
    const run = await eventually(() => lab.manager.runs.find((one) => one.run.file === file));
    // Under tests a modal question is refused by VS Code, as if it had been cancelled with an error.
    await vscode.commands.executeCommand('transferLab.deleteRun', run);
    assert.ok(lab.manager.runs.includes(run));
    await vscode.workspace.fs.stat(vscode.Uri.file(run.directory));
  });

  test('unsaved changes are saved before a run, those of imported files, too', async () => {
    const helper = join(folder, 'helper.ts');
    await writeFile(helper, "export const text = 'before';\n");
    await writeFile(
      file,
      "import { experiment } from 'transfer-lab';\nimport { text } from './helper';\nexport const wrong = experiment({ data: (() => { throw new Error(text); })() });\n",
    );
    const document = await vscode.workspace.openTextDocument(helper);
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) => edit.replace(new vscode.Range(0, 21, 0, 27), 'after'));
    await eventually(async () =>
      (await vscode.workspace.openTextDocument(file)).getText().includes('helper') ? true : undefined,
    );
    const before = new Set(lab.manager.runs);
    await vscode.commands.executeCommand('transferLab.fineTune', { file, experiment: 'wrong' });
    const run = await eventually(() => lab.manager.runs.find((one) => !before.has(one)));
    await until(() => run.ended);
    assert.match(run.state.problem?.message ?? '', /after/);
    assert.equal(document.isDirty, false);
  });

  test('a Node.js that does not work is named, with the setting that names it', async () => {
    const settings = vscode.workspace.getConfiguration('transferLab');
    await settings.update('nodePath', '/nowhere/node', vscode.ConfigurationTarget.Global);
    try {
      await vscode.commands.executeCommand('transferLab.fineTune', { file, experiment: 'wrong' });
      const [problem] = await eventually(() => (told.length > 0 ? told : undefined));
      assert.match(problem?.text ?? '', /\/nowhere\/node.*did not start.*or clear it/);
    } finally {
      await settings.update('nodePath', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  test('the workspace folder is marked, so that the next window starts the extension by itself', async () => {
    const marker = vscode.Uri.joinPath(
      vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file('/'),
      '.transfer-lab',
    );
    await vscode.workspace.fs.stat(marker);
  });
});
