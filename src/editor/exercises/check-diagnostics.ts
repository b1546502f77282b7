import * as path from 'node:path';
import * as vscode from 'vscode';
import type { CheckReport, CheckResult } from '../../protocol/exercise';

export type CheckDiagnostics = vscode.DiagnosticCollection;

const SOURCE = 'Transfer Lab check';

/** A finding that remembers whose task it is, so that its quick fix knows which hint is next. */
class Finding extends vscode.Diagnostic {
  constructor(
    range: vscode.Range,
    message: string,
    severity: vscode.DiagnosticSeverity,
    readonly folder: string,
    readonly task: string | undefined,
  ) {
    super(range, message, severity);
    this.source = SOURCE;
  }
}

/**
 * What a check found, at its lines; the mistake's name leads to its explanation. Type errors are left to the editor's own
 * TypeScript, which underlines them already.
 */
export function placeFindings(
  folder: string,
  entry: string,
  report: Pick<CheckReport, 'results'>,
  diagnostics: CheckDiagnostics,
): void {
  for (const [uri] of diagnostics) if (uri.fsPath.startsWith(folder + path.sep)) diagnostics.delete(uri);
  const byFile = new Map<string, Finding[]>();
  for (const result of report.results) {
    if ((result.status !== 'wrong' && result.status !== 'notAttempted') || result.id === 'types') continue;
    const file = path.resolve(folder, result.location?.file ?? entry);
    byFile.set(file, [...(byFile.get(file) ?? []), finding(folder, result)]);
  }
  for (const [file, list] of byFile) diagnostics.set(vscode.Uri.file(file), list);
}

function finding(folder: string, { location, message, title, status, mistake, task }: CheckResult): Finding {
  const line = (location?.line ?? 1) - 1;
  const found = new Finding(
    new vscode.Range(line, (location?.column ?? 1) - 1, line, Number.MAX_SAFE_INTEGER),
    message ?? title,
    status === 'wrong' ? vscode.DiagnosticSeverity.Warning : vscode.DiagnosticSeverity.Information,
    folder,
    task,
  );
  if (mistake !== undefined)
    found.code = { value: mistake, target: vscode.Uri.file(path.join(folder, 'README.md')) };
  return found;
}

/** "Show next hint" on what a check found. */
export const hintAction: vscode.CodeActionProvider = {
  provideCodeActions(_document, _range, { diagnostics }) {
    const own = diagnostics.filter(({ source }) => source === SOURCE);
    if (own.length === 0) return [];
    const first = own.find((one) => one instanceof Finding);
    const action = new vscode.CodeAction(vscode.l10n.t('Show next hint'), vscode.CodeActionKind.QuickFix);
    const target = first ? [{ folder: first.folder, taskId: first.task }] : [];
    action.command = { command: 'transferLab.hint', title: action.title, arguments: target };
    action.diagnostics = own;
    return [action];
  },
};
