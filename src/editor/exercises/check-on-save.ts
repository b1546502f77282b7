import * as path from 'node:path';
import * as vscode from 'vscode';
import type { CheckDiagnostics } from './check-diagnostics';
import type { ExercisesTree } from './exercises-tree';

/** Checks the code of an exercise when its file is saved, one check at a time; what is saved meanwhile is checked after it. */
export class CheckOnSave implements vscode.Disposable {
  private readonly subscription: vscode.Disposable;
  private running = false;
  private waiting: vscode.TextDocument | undefined;

  constructor(
    private readonly root: string,
    private readonly tree: ExercisesTree,
    private readonly diagnostics: CheckDiagnostics,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscription = vscode.workspace.onDidSaveTextDocument((document) => this.saved(document));
  }

  private saved(document: vscode.TextDocument): void {
    if (document.uri.scheme !== 'file' || !vscode.workspace.isTrusted) return;
    if (!['typescript', 'javascript'].includes(document.languageId)) return;
    if (!vscode.workspace.getConfiguration('transferLab').get('checkOnSave', true)) return;
    if (this.running) {
      this.waiting = document;
      return;
    }
    this.running = true;
    this.check(document)
      .catch((error: unknown) => this.log.warn(String(error)))
      .finally(() => {
        this.running = false;
        const next = this.waiting;
        this.waiting = undefined;
        if (next) this.saved(next);
      });
  }

  private async check({ uri }: vscode.TextDocument): Promise<void> {
    const own = (await this.tree.exercises()).find(
      ({ folder, exercise }) =>
        folder !== undefined &&
        path.dirname(uri.fsPath) === folder &&
        path.parse(uri.fsPath).name === path.parse(exercise.entry).name,
    );
    if (own?.folder === undefined) return;
    const { checkCode } = await import('./check-command');
    await checkCode(this.root, { ...own, folder: own.folder }, this.diagnostics, this.log);
  }

  dispose(): void {
    this.subscription.dispose();
  }
}
