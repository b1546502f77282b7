import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import manifest from '../../../package.json';

suite('the extension in a real VS Code', () => {
  test('is found under its identifier', () => {
    assert.ok(vscode.extensions.getExtension(`${manifest.publisher}.${manifest.name}`));
  });
});
