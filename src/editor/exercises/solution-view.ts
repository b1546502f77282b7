import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';

const SCHEME = 'transfer-lab-solution';

/** Solutions are shown, not edited: the installation's own files stay as they are. */
export function registerSolutions(): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: ({ path }) => readFile(vscode.Uri.file(path).fsPath, 'utf8'),
  });
}

/** The learner's file on the left, the solution on the right. */
export async function showSolution(title: string, attempt: string, solution: string): Promise<void> {
  const right = vscode.Uri.file(solution).with({ scheme: SCHEME });
  await vscode.commands.executeCommand('vscode.diff', vscode.Uri.file(attempt), right, title);
}
