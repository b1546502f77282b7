import * as vscode from 'vscode';
import { tell } from '../guard';
import { runTitle } from '../labels';
import type { ManagedRun, RunManager } from './run-manager';

/** Asks, and then moves the run to the trash. A run whose process may still be there is not touched. */
export async function deleteRun(run: ManagedRun, manager: RunManager): Promise<void> {
  const name = runTitle(run.run);
  const button = vscode.l10n.t('Delete');
  if (await lives(run)) return tell(vscode.l10n.t('{0} is still running. Stop it first.', name));
  const question = vscode.l10n.t('Delete the run {0}?', name);
  const detail = vscode.l10n.t(
    'Its curves, its report and its trained weights go to the trash, or are removed where there is no trash.',
  );
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, button)) !== button) return;
  // The answer may have taken an hour.
  if (await lives(run)) return tell(vscode.l10n.t('{0} is running again. Stop it first.', name));
  const uri = vscode.Uri.file(run.directory);
  try {
    await vscode.workspace.fs.delete(uri, { recursive: true, useTrash: true });
  } catch {
    await vscode.workspace.fs.delete(uri, { recursive: true, useTrash: false }); // No trash here, as was said.
  }
  manager.forget(run.directory);
}

async function lives(run: ManagedRun): Promise<boolean> {
  const { livenessOf } = await import('../../training/runs');
  return run.living || (await livenessOf(run.directory)) !== 'gone';
}
