import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { lensesOf, ownFolder, runAndEscape, show, workspaceFolder } from './help';

const IMPORT = "import { experiment } from 'transfer-lab';\n";

suite('experiments in a file', () => {
  let folder: string;
  suiteSetup(async () => {
    folder = await ownFolder('experiments');
  });
  suiteTeardown(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  test('each has its commands above its line', async () => {
    const file = join(workspaceFolder(), 'experiment.ts');
    await show(file);
    const lines = await lensesOf(file);
    assert.deepEqual(
      lines.map(({ line, title }) => `${line} ${title}`),
      [3, 12].flatMap((line) =>
        ['Fine-tune', 'Compare strategies', 'What would train', 'Look at the data', 'Find learning rate'].map(
          (title) => `${line} ${title}`,
        ),
      ),
    );
  });

  for (const name of ['own.ts', 'own.mts', 'own.js', 'own.mjs']) {
    test(`${name} outside of any exercise has them, too`, async () => {
      const file = join(folder, name);
      await writeFile(file, `${IMPORT}\nexport const mine = experiment({});\n`);
      await show(file);
      assert.deepEqual([...new Set((await lensesOf(file)).map(({ line }) => line))], [3]);
    });
  }

  test('another file has none', async () => {
    const file = join(folder, 'other.ts');
    await writeFile(file, '// transfer-lab\nexport const a = experiment({});\n');
    await show(file);
    assert.deepEqual(await lensesOf(file), []);
  });

  const fineTune = (): Promise<string> =>
    runAndEscape('transferLab.fineTune').then((told) => told.map(({ text }) => text).join());

  test('Fine-tune current model explains a file without an experiment', async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await show(join(folder, 'other.ts'));
    assert.match(
      await fineTune(),
      /other\.ts exports no experiment\. An experiment is exported: export const/,
    );
  });

  test('Fine-tune current model explains a file of another language, an unsaved one, and none', async () => {
    const file = join(folder, 'notes.txt');
    await writeFile(file, 'experiment(');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await show(file);
    assert.match(await fineTune(), /notes\.txt is no TypeScript or JavaScript file/);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    const untitled = await vscode.workspace.openTextDocument({ language: 'typescript', content: IMPORT });
    await vscode.window.showTextDocument(untitled);
    assert.match(await fineTune(), /Save this file first/);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    assert.match(await fineTune(), /No file with an experiment is open/);
  });
});
