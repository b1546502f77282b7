import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import manifest from '../../../package.json';
import { api, runAndEscape } from './help';

/** Who needs a choice or does its work in silence; every other command says something in words. */
const SILENT = new Set([
  'startExercise',
  'openExercise',
  'refresh',
  'doctor',
  'metrics',
  'solution',
  'setToken',
]);

suite('every command, with no editor open and nothing chosen', () => {
  suiteSetup(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await api();
  });

  for (const { command } of manifest.contributes.commands) {
    const name = command.replace('transferLab.', '');
    test(`${name} ends, without an error of ours`, async () => {
      const told = await runAndEscape(command);
      assert.deepEqual(
        told.filter(({ kind }) => kind === 'bug'),
        [],
      );
      const words = told.map(({ text }) => text).join(' ');
      if (!SILENT.has(name)) assert.ok(words.length > 10, 'it says what it did, or why it did nothing');
    });
  }

  for (const given of [{}, 'text', 7, { directory: 5, state: {} }, { exercise: 1 }]) {
    test(`Say run status and Stop bear ${JSON.stringify(given)} as an argument`, async () => {
      const told = [
        ...(await runAndEscape('transferLab.say', given)),
        ...(await runAndEscape('transferLab.stop', given)),
      ];
      assert.deepEqual(
        told.filter(({ kind }) => kind === 'bug'),
        [],
      );
    });
  }
});
