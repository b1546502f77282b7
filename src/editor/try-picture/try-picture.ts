import type * as vscode from 'vscode';
import type { TryContent } from '../../protocol/try-picture';
import { OnDemand } from '../on-demand';
import type { TriedRun, TryPanel } from './try-panel';

/** The view "Try a picture". Its code loads when it is first shown. */
export class TryPicture implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private readonly panel: OnDemand<TryPanel>;

  /** @param root folder of the extension */
  constructor(root: vscode.Uri, log: vscode.LogOutputChannel) {
    this.panel = new OnDemand(async () => {
      const { TryPanel } = await import('./try-panel');
      return new TryPanel(root, log);
    });
  }

  /** What the view shows. */
  get content(): TryContent | undefined {
    return this.panel.loaded?.content;
  }

  async open(run: TriedRun): Promise<void> {
    await (await this.panel.get()).open(run);
  }

  async tryFile(file: string): Promise<void> {
    await this.panel.loaded?.tryFile(file);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    await (await this.panel.get()).deserializeWebviewPanel(panel, state);
  }

  dispose(): void {
    this.panel.dispose();
  }
}
