import * as vscode from 'vscode';
import { progressText } from '../labels';
import { experimentsOf } from './experiments-of';
import type { RunManager } from './run-manager';

/** The state of each experiment's newest run, behind its line. VS Code moves it with the line while one types. */
export class InlineProgress implements vscode.Disposable {
  private readonly decoration = vscode.window.createTextEditorDecorationType({
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    after: { margin: '0 0 0 2em', color: new vscode.ThemeColor('editorCodeLens.foreground') },
  });
  /** What each editor shows now, so that nothing is drawn twice. */
  private readonly drawn = new WeakMap<vscode.TextEditor, string>();

  constructor(private readonly manager: RunManager) {}

  draw(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const texts = this.textsOf(editor.document);
      const key = JSON.stringify([editor.document.version, texts]);
      const before = this.drawn.get(editor);
      if (key === before || (before === undefined && texts.length === 0)) continue;
      this.drawn.set(editor, key);
      editor.setDecorations(
        this.decoration,
        texts.map(({ line, text }) => {
          const { end } = editor.document.lineAt(line - 1).range;
          return { range: new vscode.Range(end, end), renderOptions: { after: { contentText: text } } };
        }),
      );
    }
  }

  /** Lines, from 1, and what stands behind them. */
  textsOf(document: vscode.TextDocument): { readonly line: number; readonly text: string }[] {
    if (!vscode.workspace.getConfiguration('transferLab').get('inlineProgress', true)) return [];
    return experimentsOf(document).flatMap(({ name, line }) => {
      const run = this.manager.latest(document.uri.fsPath, name);
      if (!run) return [];
      const silent = run.living && run.liveness === 'notAnswering';
      const text = progressText(run.state);
      return [{ line, text: silent ? vscode.l10n.t('{0} (not answering)', text) : text }];
    });
  }

  dispose(): void {
    this.decoration.dispose();
  }
}
