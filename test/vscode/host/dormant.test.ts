import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { api, extension, temporaryFolder } from './help';

suite('the extension in a folder that has nothing of ours', () => {
  test('sleeps, also when TypeScript is opened', async () => {
    await temporaryFolder(async (folder) => {
      const file = join(folder, 'other.ts');
      await writeFile(file, 'export const a = 1;\n');
      await vscode.window.showTextDocument(vscode.Uri.file(file));
      await vscode.commands.executeCommand('vscode.executeDocumentSymbolProvider', vscode.Uri.file(file));
      assert.equal(extension().isActive, false);
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    });
  });

  // Told, not judged: the clock of a busy computer says little. `npm run bench -- activation` measures the same alone.
  test('starts when asked', async () => {
    const began = performance.now();
    await extension().activate();
    console.log(`      loaded and activated in ${(performance.now() - began).toFixed(1)} ms`);
    assert.ok(extension().isActive);
  });

  test('finds no runs, and shows nothing in the status bar', async () => {
    const { manager } = await api();
    await manager.discover();
    assert.deepEqual(manager.runs, []);
  });
});
