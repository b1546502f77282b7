import type * as vscode from 'vscode';
import type { ExercisesTree } from '../exercises/exercises-tree';
import { OnDemand } from '../on-demand';
import type { InstructionsPanels } from './instructions-panel';

/** The instructions beside the code. Their panel's code loads when one is first shown. */
export class Instructions implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private readonly panels: OnDemand<InstructionsPanels>;

  constructor(extension: vscode.Uri, tree: ExercisesTree, log: vscode.LogOutputChannel) {
    this.panels = new OnDemand(async () => {
      const { InstructionsPanels } = await import('./instructions-panel');
      return new InstructionsPanels(extension, tree, log);
    });
  }

  async show(folder: string): Promise<void> {
    (await this.panels.get()).show(folder);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    (await this.panels.get()).restore(panel, state);
  }

  async whileChecking(folder: string, check: (say: (text: string) => void) => Promise<void>): Promise<void> {
    await (await this.panels.get()).whileChecking(folder, check);
  }

  dispose(): void {
    this.panels.dispose();
  }
}
