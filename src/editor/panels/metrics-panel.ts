import type { BirpcReturn } from 'birpc';
import * as vscode from 'vscode';
import { placeOf } from '../../protocol/items';
import type { MetricsHostFunctions, MetricsViewFunctions } from '../../protocol/webview';
import type { ManagedRun, RunManager, RunNews } from '../runs/run-manager';
import { restoredRuns } from './restored-runs';
import { connectView } from './connect-view';
import { webviewHtml } from './csp';
import { pictureAddress } from './pictures';
import { openPlace } from './open-place';
import { RunFeed } from './run-feed';
import { titlesOf } from './titles';

const VIEW_TYPE = 'transferLab.metrics';

/** The metrics view beside the code: history when it is shown, then deltas; nothing while hidden. */
export class MetricsPanels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private panel: vscode.WebviewPanel | undefined;
  private view: BirpcReturn<MetricsViewFunctions, MetricsHostFunctions> | undefined;
  private shown: readonly string[] = [];
  private offered = '';
  private loaded = false;
  private visible = false;
  private readonly root: vscode.Uri;
  private readonly feed: RunFeed;

  constructor(
    private readonly manager: RunManager,
    extensionUri: vscode.Uri,
  ) {
    this.root = vscode.Uri.joinPath(extensionUri, 'dist', 'webviews');
    this.feed = new RunFeed(
      {
        history: (...all) => void this.view?.history.asEvent(...all),
        append: (updates) => void this.view?.append.asEvent(updates),
      },
      () => this.shown.flatMap((id) => this.manager.byId(id) ?? []),
      ({ runId, file }) => this.titles(file).get(runId) ?? runId,
    );
  }

  show(run: ManagedRun, keepFocus: boolean): void {
    const { comparisonId } = run.run;
    // The manager has the newest first; a comparison is read in the order in which it was made.
    const together = this.manager.runs
      .filter((other) => comparisonId !== undefined && other.run.comparisonId === comparisonId)
      .reverse();
    this.shown = [...new Set([run, ...together].map((one) => one.run.runId))];
    if (this.panel) {
      this.panel.reveal(this.panel.viewColumn ?? vscode.ViewColumn.Beside, keepFocus);
      this.hydrate();
      return;
    }
    this.attach(
      vscode.window.createWebviewPanel(
        VIEW_TYPE,
        vscode.l10n.t('Metrics'),
        { viewColumn: vscode.ViewColumn.Beside, preserveFocus: keepFocus },
        { enableScripts: true, localResourceRoots: [this.root] },
      ),
    );
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    panel.webview.options = { enableScripts: true, localResourceRoots: [this.root] };
    await this.manager.discover();
    this.shown = restoredRuns(
      state,
      this.manager.live.map(({ run }) => run),
    );
    this.attach(panel);
  }

  /** Called for every change of the manager. */
  news({ run }: RunNews): void {
    if (!this.loaded || !this.panel?.visible) return;
    if (this.shown.includes(run.run.runId)) this.feed.changed();
    this.offer();
  }

  private hydrate(): void {
    if (!this.loaded || !this.panel?.visible) return;
    this.offered = '';
    this.feed.start();
    this.offer();
  }

  /** Runs of the same file, where they are others than before. */
  private offer(): void {
    const file = this.manager.byId(this.shown[0] ?? '')?.run.file;
    if (file === undefined) return;
    const candidates = [...this.titles(file)].map(([runId, title]) => ({
      runId,
      title,
      shown: this.shown.includes(runId),
    }));
    const offered = JSON.stringify(candidates);
    if (offered === this.offered) return;
    this.offered = offered;
    void this.view?.candidates.asEvent(candidates);
  }

  private titles(file: string): ReadonlyMap<string, string> {
    return titlesOf(this.manager.runs.map(({ run }) => run).filter((run) => run.file === file));
  }

  private attach(panel: vscode.WebviewPanel): void {
    this.panel?.dispose();
    this.panel = panel;
    this.loaded = false;
    this.visible = panel.visible;
    panel.onDidChangeViewState(() => {
      if (this.panel !== panel || panel.visible === this.visible) return;
      this.visible = panel.visible;
      if (panel.visible) this.hydrate();
      else {
        // A hidden view is taken down. When it comes back it loads anew, says that it is ready, and gets its history.
        this.loaded = false;
        this.feed.stop();
      }
    });
    panel.onDidDispose(() => {
      if (this.panel !== panel) return;
      this.feed.stop();
      this.view?.$close();
      this.panel = this.view = undefined;
    });
    void this.connect(panel);
  }

  private async connect(panel: vscode.WebviewPanel): Promise<void> {
    const { isHostMessage } = await import('./messages');
    this.view = await connectView<MetricsViewFunctions, MetricsHostFunctions>(
      panel.webview,
      this.functions(),
      isHostMessage,
    );
    panel.webview.html = webviewHtml(panel.webview, this.root, 'metrics', vscode.l10n.t('Metrics'));
  }

  private functions(): MetricsHostFunctions {
    const command = (name: string) => (runId: string) => {
      const run = this.manager.byId(runId);
      if (run) void vscode.commands.executeCommand(`transferLab.${name}`, run);
    };
    return {
      ready: () => {
        this.loaded = true;
        this.hydrate();
      },
      stop: command('stop'),
      resume: command('resume'),
      revealExperiment: command('reveal'),
      openReport: command('report'),
      tryIt: command('tryPicture'),
      show: (runIds) => {
        this.shown = runIds.filter((id) => this.manager.byId(id));
        this.hydrate();
      },
      pictures: async (runId, files) => {
        const run = this.manager.byId(runId);
        if (!run) return files.map(() => undefined);
        const allowed = new Set(
          run.state.predictions.flatMap(({ file, text }) => (text === undefined ? [file] : [])),
        );
        return Promise.all(files.map((file) => pictureAddress(file, allowed)));
      },
      openFile: (runId, file) => {
        const known = this.manager.byId(runId)?.state.predictions.find((item) => item.file === file);
        if (known) void openPlace(placeOf(known));
      },
    };
  }

  dispose(): void {
    this.feed.stop();
    this.panel?.dispose();
  }
}
