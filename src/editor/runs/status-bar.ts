import * as vscode from 'vscode';
import { progressText, runTitle } from '../labels';
import type { RunManager } from './run-manager';

/** The one status bar item: what is training now. Readers of the screen hear it in words. */
export class StatusBar implements vscode.Disposable {
  readonly item = vscode.window.createStatusBarItem('transferLab.status', vscode.StatusBarAlignment.Left, 10);

  constructor(private readonly manager: RunManager) {
    this.item.name = 'Transfer Lab';
  }

  draw(): void {
    const [run, ...others] = this.manager.live;
    if (!run) {
      this.item.hide();
      return;
    }
    const text = `${runTitle(run.run)}: ${progressText(run.state)}`;
    const more = others.length === 0 ? '' : ` (+${others.length})`;
    const stopping = run.state.status === 'stopping';
    this.item.text = `$(${stopping ? 'debug-stop' : 'loading~spin'}) ${text}${more}`;
    this.item.tooltip = vscode.l10n.t('Transfer Lab is training. Click for its metrics.');
    this.item.accessibilityInformation = { label: `Transfer Lab, ${text}${more}`, role: 'button' };
    this.item.command = {
      command: 'transferLab.metrics',
      title: vscode.l10n.t('Show metrics'),
      arguments: [run],
    };
    this.item.show();
  }

  dispose(): void {
    this.item.dispose();
  }
}
