import * as vscode from 'vscode';
import { runCli } from '../cli-process';
import { showReport } from '../exercises/hand-in';
import type { ManagedRun, RunManager } from './run-manager';

/** Writes the report of a run, or of the comparison it belongs to, and opens it in the browser. */
export async function openReport(
  root: string,
  run: ManagedRun,
  manager: RunManager,
  log: vscode.LogOutputChannel,
): Promise<void> {
  const { comparisonId } = run.run;
  const together = manager.runs.filter(
    (other) => other === run || (comparisonId !== undefined && other.run.comparisonId === comparisonId),
  );
  const directories = together.filter(({ living }) => !living).map(({ directory }) => directory);
  const location = { viewId: 'transferLab.runs' };
  const answer = await vscode.window.withProgress({ location }, () =>
    runCli(root, ['report', ...directories.reverse(), '--json'], log),
  );
  await showReport((answer as { report?: unknown }).report);
}
