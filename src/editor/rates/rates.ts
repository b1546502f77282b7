import type * as vscode from 'vscode';
import type { RateTest, SuggestionId } from '../../protocol/rate-test';
import { OnDemand } from '../on-demand';
import type { RatePanels, RatePanelsParts } from './rate-panels';

/** The view of a range test. Its code loads when a test is first started or shown again. */
export class Rates implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private readonly panels: OnDemand<RatePanels>;

  constructor(parts: RatePanelsParts) {
    this.panels = new OnDemand(async () => {
      const { RatePanels } = await import('./rate-panels');
      return new RatePanels(parts);
    });
  }

  /** The test that is shown. */
  get test(): RateTest | undefined {
    return this.panels.loaded?.test;
  }

  async start(file: string, experiment: string): Promise<void> {
    await (await this.panels.get()).start(file, experiment);
  }

  async use(suggestion: SuggestionId): Promise<void> {
    await this.panels.loaded?.use(suggestion);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    await (await this.panels.get()).deserializeWebviewPanel(panel, state);
  }

  dispose(): void {
    this.panels.dispose();
  }
}
