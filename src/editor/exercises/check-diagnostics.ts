import * as path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { LearnerError } from '../../protocol/errors';
import type { CheckReport } from '../../protocol/exercise';

export type CheckDiagnostics = vscode.DiagnosticCollection;

const shape = z.object({ passed: z.boolean(), results: z.array(z.looseObject({ status: z.string() })) });

/** Puts what a check found at its line, keeps it as progress, and says the outcome once. */
export async function showReport(
  root: string,
  folder: string,
  data: unknown,
  diagnostics: CheckDiagnostics,
): Promise<void> {
  if (!shape.safeParse(data).success) {
    throw new LearnerError({
      code: 'check-unreadable',
      message: 'The check ended without a report.',
      remedy: 'Open the log of Transfer Lab to see what it printed.',
    });
  }
  const report = data as CheckReport;
  const { openExerciseFolder } = await import('../../course');
  const { exercise } = await openExerciseFolder(root, folder);
  const found = report.results.filter(({ status }) => status === 'wrong' || status === 'notAttempted');
  diagnostics.clear();
  const byFile = new Map<string, vscode.Diagnostic[]>();
  for (const { location, message, title, status, mistake } of found) {
    const file = path.resolve(folder, location?.file ?? exercise.entry);
    const line = (location?.line ?? 1) - 1;
    const diagnostic = new vscode.Diagnostic(
      new vscode.Range(line, (location?.column ?? 1) - 1, line, Number.MAX_SAFE_INTEGER),
      message ?? title,
      status === 'wrong' ? vscode.DiagnosticSeverity.Warning : vscode.DiagnosticSeverity.Information,
    );
    diagnostic.source = 'Transfer Lab check';
    if (mistake !== undefined) diagnostic.code = mistake;
    byFile.set(file, [...(byFile.get(file) ?? []), diagnostic]);
  }
  for (const [file, list] of byFile) diagnostics.set(vscode.Uri.file(file), list);
  const passed = report.results.filter(({ status }) => status === 'passed').length;
  const summary = report.passed
    ? `Exercise ${exercise.number} passed: all ${passed} checks.`
    : `${passed} of ${report.results.length} checks passed. Next: ${found[0]?.message ?? found[0]?.title ?? ''}`;
  const choice = await vscode.window.showInformationMessage(
    summary,
    ...(report.passed ? [] : ['Show next hint']),
  );
  if (choice !== undefined) await vscode.commands.executeCommand('transferLab.hint');
}

/** "Show next hint" on what a check found. */
export const hintAction: vscode.CodeActionProvider = {
  provideCodeActions(_document, _range, { diagnostics }) {
    const own = diagnostics.filter(({ source }) => source === 'Transfer Lab check');
    if (own.length === 0) return [];
    const action = new vscode.CodeAction('Show next hint', vscode.CodeActionKind.QuickFix);
    action.command = { command: 'transferLab.hint', title: 'Show next hint' };
    action.diagnostics = own;
    return [action];
  },
};
