import * as path from 'node:path';
import type { BirpcReturn } from 'birpc';
import * as vscode from 'vscode';
import type { MetricsHostFunctions, MetricsViewFunctions, RunHistory } from '../../protocol/webview';
import { runTitle } from '../labels';
import type { ManagedRun, RunManager, RunNews } from '../runs/run-manager';
import { webviewHtml } from './csp';
import { pictureAddress } from './pictures';

const FLUSH_MS = 120; // at most ten messages a second
const VIEW_TYPE = 'transferLab.metrics';

/** The metrics view beside the code: history when it is shown, then deltas; nothing while hidden. */
export class MetricsPanels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private panel: vscode.WebviewPanel | undefined;
  private view: BirpcReturn<MetricsViewFunctions, MetricsHostFunctions> | undefined;
  private shown: string[] = [];
  private readonly waiting = new Map<string, RunHistory['events'][number][]>();
  private timer: NodeJS.Timeout | undefined;
  private loaded = false;
  private readonly root: vscode.Uri;

  constructor(
    private readonly manager: RunManager,
    extensionUri: vscode.Uri,
  ) {
    this.root = vscode.Uri.joinPath(extensionUri, 'dist', 'webviews');
  }

  show(run: ManagedRun, keepFocus: boolean): void {
    const { comparisonId } = run.run;
    const together = this.manager.runs.filter(
      (other) => comparisonId !== undefined && other.run.comparisonId === comparisonId,
    );
    this.shown = [
      run.run.runId,
      ...together.map((other) => other.run.runId).filter((id) => id !== run.run.runId),
    ];
    if (this.panel) {
      this.panel.reveal(this.panel.viewColumn ?? vscode.ViewColumn.Beside, keepFocus);
      this.hydrate();
      return;
    }
    this.attach(
      vscode.window.createWebviewPanel(
        VIEW_TYPE,
        'Metrics',
        { viewColumn: vscode.ViewColumn.Beside, preserveFocus: keepFocus },
        { enableScripts: true, localResourceRoots: [this.root] },
      ),
    );
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const ids = (state as { runIds?: unknown } | undefined)?.runIds;
    this.shown = Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
    panel.webview.options = { enableScripts: true, localResourceRoots: [this.root] };
    await this.manager.discover();
    this.attach(panel);
  }

  /** Called for every change of the manager. */
  news({ run, records }: RunNews): void {
    if (!this.loaded || !this.panel?.visible || !this.shown.includes(run.run.runId)) return;
    const list = this.waiting.get(run.run.runId) ?? [];
    list.push(...records.map(({ event, timeMs }) => ({ event, timeMs })));
    this.waiting.set(run.run.runId, list);
    if (run.state.status === 'interrupted') void this.view?.interrupted.asEvent(run.run.runId);
    this.timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  private flush(): void {
    this.timer = undefined;
    for (const [runId, events] of this.waiting) {
      if (events.length > 0) void this.view?.append.asEvent(runId, events);
    }
    this.waiting.clear();
  }

  private hydrate(): void {
    if (!this.loaded || !this.panel?.visible) return;
    this.waiting.clear();
    const runs = this.shown.flatMap((id) => this.manager.byId(id) ?? []);
    const focused = runs[0];
    if (!focused) return;
    void this.view?.history.asEvent(runs.map(historyOf), focused.run.runId);
    const candidates = this.manager.runs
      .filter(({ run }) => run.file === focused.run.file)
      .map(({ run }) => ({ runId: run.runId, title: runTitle(run), shown: this.shown.includes(run.runId) }));
    void this.view?.candidates.asEvent(candidates);
  }

  private attach(panel: vscode.WebviewPanel): void {
    this.panel?.dispose();
    this.panel = panel;
    this.loaded = false;
    panel.onDidChangeViewState(() => this.hydrate());
    panel.onDidDispose(() => {
      if (this.panel === panel) this.panel = this.view = undefined;
    });
    void this.connect(panel);
  }

  private async connect(panel: vscode.WebviewPanel): Promise<void> {
    const [{ createBirpc }, { isHostMessage }] = await Promise.all([import('birpc'), import('./messages')]);
    this.view = createBirpc<MetricsViewFunctions, MetricsHostFunctions>(this.functions(), {
      post: (data) => void panel.webview.postMessage(data),
      on: (receive) =>
        panel.webview.onDidReceiveMessage((data: unknown) => isHostMessage(data) && receive(data)),
    });
    panel.webview.html = webviewHtml(panel.webview, this.root, 'metrics', 'Metrics');
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
      show: (runIds) => {
        this.shown = runIds.filter((id) => this.manager.byId(id));
        this.hydrate();
      },
      pictures: async (runId, files) => {
        const run = this.manager.byId(runId);
        if (!run) return files.map(() => undefined);
        const allowed = new Set(run.state.predictions.map(({ file }) => file));
        return Promise.all(files.map((file) => pictureAddress(file, allowed, path.dirname(run.run.file))));
      },
      openFile: (runId, file) => {
        const known = this.manager.byId(runId)?.state.predictions.some((item) => item.file === file);
        if (known) void vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
      },
    };
  }

  dispose(): void {
    if (this.timer) clearTimeout(this.timer);
    this.panel?.dispose();
  }
}

function historyOf({ run, state, records }: ManagedRun): RunHistory {
  const { runId, experiment, strategy, comparisonId, createdAt, file, line } = run;
  return {
    run: {
      runId,
      experiment,
      createdAt,
      file,
      line,
      ...(strategy === undefined ? {} : { strategy }),
      ...(comparisonId === undefined ? {} : { comparisonId }),
    },
    title: runTitle(run),
    events: records.map(({ event, timeMs }) => ({ event, timeMs })),
    interrupted: state.status === 'interrupted',
  };
}
