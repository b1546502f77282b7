import * as vscode from 'vscode';

/** Opens a file, a text's at its line (from 1). */
export async function openPlace({ file, line }: { file: string; line?: number }): Promise<void> {
  const uri = vscode.Uri.file(file);
  const options: vscode.TextDocumentShowOptions =
    line === undefined ? {} : { selection: new vscode.Range(line - 1, 0, line - 1, 0) };
  await vscode.commands.executeCommand('vscode.open', uri, options);
}
