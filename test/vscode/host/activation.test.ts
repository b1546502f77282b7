import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import manifest from '../../../package.json';
import { api, extension, until } from './help';

suite('the extension in a folder of an exercise', () => {
  test('has started by itself: the folder has been used before', async () => {
    await until(() => extension().isActive);
    const { activateMs } = await api();
    console.log(`      activate() took ${activateMs.toFixed(1)} ms`);
    assert.ok(activateMs > 0);
  });

  test('registers every command that its manifest names, and no other', async () => {
    const all = await vscode.commands.getCommands(true);
    const own = all.filter((name) => /^transferLab\.(?!\w+\.)/.test(name));
    const declared = manifest.contributes.commands.map(({ command }) => command);
    assert.deepEqual(own.sort(), declared.sort());
  });

  test('has few settings, each explained', () => {
    const settings = Object.entries(manifest.contributes.configuration.properties);
    assert.ok(settings.length <= 12);
    for (const [name, { markdownDescription }] of settings) {
      assert.match(markdownDescription, /^%.+%$/, name);
    }
  });
});
