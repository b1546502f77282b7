import type * as vscode from 'vscode';
import { guarded } from '../guard';
import { keepTokenIn } from './token-place';

export function registerTokenCommands(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  keepTokenIn(context);
  return [
    guarded(log, 'setToken', async () => (await import('./token-commands')).setToken()),
    guarded(log, 'removeToken', async () => (await import('./token-commands')).forgetToken()),
  ];
}
