import * as vscode from 'vscode';
import { toProblem } from '../protocol/errors';

/** Registers a command that never fails mutely: a learner's mistake is one notification, a bug of ours goes to the log. */
export function guarded(
  log: vscode.LogOutputChannel,
  name: string,
  run: (...args: unknown[]) => Promise<void> | void,
): vscode.Disposable {
  return vscode.commands.registerCommand(`transferLab.${name}`, async (...args: unknown[]) => {
    try {
      await run(...args);
    } catch (error) {
      const problem = toProblem(error);
      log.error(error instanceof Error ? error : String(error));
      const text =
        problem.code === 'internal-error'
          ? `Transfer Lab met an error of its own: ${problem.message}`
          : `${problem.message} ${problem.remedy}`;
      const choice = await vscode.window.showErrorMessage(text, 'Show log');
      if (choice) log.show();
    }
  });
}

/** Nothing runs in a folder that is not trusted. */
export function trusted(): boolean {
  if (vscode.workspace.isTrusted) return true;
  void vscode.window.showWarningMessage(
    'This folder is in Restricted Mode, so Transfer Lab runs nothing here. Trust the folder first.',
  );
  return false;
}

export const tell = (text: string): void => void vscode.window.showInformationMessage(text);
