import * as vscode from 'vscode';
import { experimentsOf } from './experiments-of';
import type { RunManager } from './run-manager';

/** Fixed titles above each experiment, so that lines never jump; Stop only while one runs. */
export class ExperimentLens implements vscode.CodeLensProvider {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;
  private living = '';

  constructor(private readonly manager: RunManager) {}

  /** Asks VS Code for the lenses again where another set of runs lives. */
  update(): void {
    const living = this.manager.live.map(({ directory }) => directory).join();
    if (living === this.living) return;
    this.living = living;
    this.changed.fire();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const file = document.uri.fsPath;
    return experimentsOf(document).flatMap(({ name, line }) => {
      const range = new vscode.Range(line - 1, 0, line - 1, 0);
      const lens = (title: string, command: string, argument: unknown): vscode.CodeLens =>
        new vscode.CodeLens(range, { title, command: `transferLab.${command}`, arguments: [argument] });
      const target = { file, experiment: name };
      const run = this.manager.latest(file, name);
      return [
        lens(`$(play) ${vscode.l10n.t('Fine-tune')}`, 'fineTune', target),
        lens(`$(graph-line) ${vscode.l10n.t('Compare strategies')}`, 'compare', target),
        lens(`$(layers) ${vscode.l10n.t('What would train')}`, 'showFreezeMap', target),
        lens(`$(eye) ${vscode.l10n.t('Look at the data')}`, 'showData', target),
        lens(`$(search) ${vscode.l10n.t('Find learning rate')}`, 'findLearningRate', target),
        ...(run?.living ? [lens(`$(debug-stop) ${vscode.l10n.t('Stop')}`, 'stop', run)] : []),
      ];
    });
  }
}
