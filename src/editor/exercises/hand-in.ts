import * as vscode from 'vscode';
import { LearnerError } from '../../protocol/errors';
import { runCli } from '../cli-process';

/** Writes the report of a folder, runs and analysis in one file, and shows it. */
export async function writeReport(root: string, folder: string, log: vscode.LogOutputChannel): Promise<void> {
  await vscode.workspace.saveAll();
  const location = { viewId: 'transferLab.exercises' };
  const answer = await vscode.window.withProgress({ location }, () =>
    runCli(root, ['report', folder, '--json'], log),
  );
  await showReport((answer as { report?: unknown }).report);
}

/** @throws {LearnerError} 'command-failed' if there is no path */
export async function showReport(report: unknown): Promise<void> {
  if (typeof report !== 'string') {
    throw new LearnerError({
      code: 'command-failed',
      message: vscode.l10n.t('The report was not written.'),
      remedy: vscode.l10n.t('Open the log of Transfer Lab to see why.'),
    });
  }
  const uri = vscode.Uri.file(report);
  // A window that shows another machine has no browser there: its file can be opened or downloaded from the Explorer.
  if (vscode.env.remoteName === undefined) await vscode.env.openExternal(uri);
  else await vscode.commands.executeCommand('revealInExplorer', uri);
}
