import type * as vscode from 'vscode';
import { OnDemand } from '../on-demand';
import type { ExperimentTarget } from '../runs/current-experiment';
import type { DataPanel } from './data-panel';
import type { PlanPanel } from './plan-panel';

/** A view of one experiment. Its code loads when it is first shown. */
export class ExperimentView<Panel extends DataPanel | PlanPanel> implements vscode.Disposable {
  private readonly panel: OnDemand<Panel>;

  constructor(load: () => Promise<Panel>) {
    this.panel = new OnDemand(load);
  }

  async show(target: ExperimentTarget): Promise<void> {
    await (await this.panel.get()).show(target);
  }

  /** The panel once it was shown, for tests. */
  get loaded(): Panel | undefined {
    return this.panel.loaded;
  }

  dispose(): void {
    this.panel.dispose();
  }
}

/** "Look at the data". @param root folder of the extension */
export const dataView = (root: string, log: vscode.LogOutputChannel): ExperimentView<DataPanel> =>
  new ExperimentView(async () => new (await import('./data-panel')).DataPanel(root, log));

/** "What would train". @param root folder of the extension */
export const planView = (root: string, log: vscode.LogOutputChannel): ExperimentView<PlanPanel> =>
  new ExperimentView(async () => new (await import('./plan-panel')).PlanPanel(root, log));
