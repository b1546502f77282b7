import * as vscode from 'vscode';
import { findExperiments } from '../../training/runs/find-experiments';
import { isOver } from '../../protocol/run-state';
import type { RunManager } from './run-manager';

/** Fixed titles above each experiment, so that lines never jump; Stop only while one runs. */
export class ExperimentLens implements vscode.CodeLensProvider {
  constructor(
    private readonly manager: RunManager,
    readonly onDidChangeCodeLenses: vscode.Event<void>,
  ) {}

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const text = document.getText();
    if (!text.includes('transfer-lab')) return [];
    return findExperiments(text).flatMap(({ name, line }) => {
      const range = new vscode.Range(line - 1, 0, line - 1, 0);
      const lens = (title: string, command: string, argument: unknown): vscode.CodeLens =>
        new vscode.CodeLens(range, { title, command: `transferLab.${command}`, arguments: [argument] });
      const target = { file: document.uri.fsPath, experiment: name };
      const run = this.manager.latest(target.file, name);
      return [
        lens('$(play) Fine-tune', 'fineTune', target),
        lens('$(graph-line) Compare strategies', 'compare', target),
        ...(run && !isOver(run.state) ? [lens('$(debug-stop) Stop', 'stop', run)] : []),
      ];
    });
  }
}
