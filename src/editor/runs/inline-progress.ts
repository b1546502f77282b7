import * as vscode from 'vscode';
import { isOver } from '../../protocol/run-state';
import { findExperiments } from '../../training/runs/find-experiments';
import { progressText } from '../labels';
import type { RunManager } from './run-manager';

const PAUSE_AFTER_EDIT_MS = 800;

/** The state of each experiment's newest run, after its line; and the problem of a failed one. */
export class InlineProgress implements vscode.Disposable {
  private readonly decoration = vscode.window.createTextEditorDecorationType({
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedOpen,
    after: { margin: '0 0 0 2em', color: new vscode.ThemeColor('editorCodeLens.foreground') },
  });
  private readonly diagnostics = vscode.languages.createDiagnosticCollection('transferLab.runs');
  private lastEditMs = 0;

  constructor(private readonly manager: RunManager) {}

  edited(document: vscode.TextDocument): void {
    this.lastEditMs = Date.now();
    this.diagnostics.delete(document.uri);
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document === document) editor.setDecorations(this.decoration, []);
    }
  }

  draw(): void {
    const wanted = vscode.workspace.getConfiguration('transferLab').get('inlineProgress', true);
    if (Date.now() - this.lastEditMs < PAUSE_AFTER_EDIT_MS) return;
    for (const editor of vscode.window.visibleTextEditors) {
      const text = editor.document.getText();
      if (!text.includes('transfer-lab')) continue;
      const options = findExperiments(text).flatMap(({ name, line }) => {
        const run = this.manager.latest(editor.document.uri.fsPath, name);
        if (!run || !wanted) return [];
        const end = editor.document.lineAt(line - 1).range.end;
        return [
          {
            range: new vscode.Range(end, end),
            renderOptions: { after: { contentText: progressText(run.state) } },
          },
        ];
      });
      editor.setDecorations(this.decoration, options);
    }
  }

  /** Shows the problem of a run that failed while this window watched, at the learner's line. */
  showProblems(): void {
    for (const { run, state } of this.manager.runs.filter(({ state }) => isOver(state))) {
      if (!state.problem || this.manager.latest(run.file, run.experiment)?.run.runId !== run.runId) continue;
      const { file, line, column } = state.problem.location ?? { file: run.file, line: run.line };
      const range = new vscode.Range(line - 1, (column ?? 1) - 1, line - 1, Number.MAX_SAFE_INTEGER);
      const text = `${state.problem.message} ${state.problem.remedy}`;
      const diagnostic = new vscode.Diagnostic(range, text, vscode.DiagnosticSeverity.Error);
      diagnostic.source = 'Transfer Lab';
      diagnostic.code = state.problem.code;
      this.diagnostics.set(vscode.Uri.file(file), [diagnostic]);
    }
  }

  dispose(): void {
    this.decoration.dispose();
    this.diagnostics.dispose();
  }
}
