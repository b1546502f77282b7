import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { RUN_FILES } from '../../protocol/run-files';
import type { TriedText } from '../../protocol/try-text';
import { runCli } from '../cli-process';
import { triedText } from './tried-text';
import type { TriedRun } from './try-panel';

/** Whether a run's best weights read texts; false where there are none, which the view of pictures then explains. */
export async function readsTexts(directory: string): Promise<boolean> {
  try {
    const file = path.join(directory, RUN_FILES.best, 'config.json');
    return 'maxTokens' in (JSON.parse(await readFile(file, 'utf8')) as object);
  } catch {
    return false;
  }
}

/** Asks for a sentence and shows, in a document beside the code, what the run's best weights say of it. */
export async function trySentence(
  root: string,
  { directory, title }: TriedRun,
  log: vscode.LogOutputChannel,
): Promise<void> {
  const sentence = await vscode.window.showInputBox({
    title: vscode.l10n.t('Try a sentence: {0}', title),
    prompt: vscode.l10n.t('The network says a class, and which words pushed it there.'),
  });
  if (sentence === undefined) return;
  const tried = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Reading the sentence') },
    () => runCli(root, ['predict', directory, `--text=${sentence}`, '--json'], log),
  );
  const content = triedText(title, tried as TriedText);
  const document = await vscode.workspace.openTextDocument({ content, language: 'plaintext' });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
}
