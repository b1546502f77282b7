import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import manifest from '../../../package.json';

suite('the extension in a real VS Code', () => {
  test('registers every command that its manifest names', async () => {
    const extension = vscode.extensions.getExtension(`${manifest.publisher}.${manifest.name}`);
    assert.ok(extension);
    await extension.activate();
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = manifest.contributes.commands.filter(({ command }) => !registered.has(command));
    assert.deepEqual(missing, []);
  });

  test('offers Fine-tune and Compare above each experiment', async () => {
    const [file] = await vscode.workspace.findFiles('experiment.ts');
    assert.ok(file);
    await vscode.window.showTextDocument(file);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      file,
      100,
    );
    const titles = lenses.map(({ command }) => command?.title ?? '');
    assert.equal(titles.filter((title) => title.includes('Fine-tune')).length, 2, titles.join(', '));
    assert.equal(titles.filter((title) => title.includes('Compare')).length, 2, titles.join(', '));
  });
});
