import * as path from 'node:path';
import type { BirpcReturn } from 'birpc';
import * as vscode from 'vscode';
import {
  initialRateTest,
  reduceRateTest,
  type RateHostFunctions,
  type RateTest,
  type RateViewFunctions,
  type SuggestionId,
} from '../../protocol/rate-test';
import type { Problem } from '../../protocol/errors';
import { markInterrupted } from '../../protocol/run-state';
import type { Launcher, RunFollower } from '../../training/runs';
import { connectView } from '../panels/connect-view';
import { webviewHtml } from '../panels/csp';
import { needsToken } from '../guard';
import { Throttled } from '../throttled';
import { writeRate } from './write-rate';

const VIEW_TYPE = 'transferLab.learningRate';
const REDRAW_MS = 110;

/** A range test that the view shows. */
interface Followed {
  readonly directory: string;
  readonly file: string;
  readonly experiment: string;
  readonly follower: RunFollower;
  test: RateTest;
}

export interface RatePanelsParts {
  /** Folder of the extension. */
  readonly root: vscode.Uri;
  readonly launcher: (download: boolean) => Promise<Launcher>;
  readonly report: (error: unknown) => void;
  /** With buttons that help, beside what the view shows. */
  readonly tell: (problem: Problem) => void;
}

/** The view of a learning-rate range test. The test's directory is the truth: it goes on without the view, and is found again. */
export class RatePanels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private panel: vscode.WebviewPanel | undefined;
  private view: BirpcReturn<RateViewFunctions, RateHostFunctions> | undefined;
  private followed: Followed | undefined;
  private readonly scripts: vscode.Uri;
  private readonly changed = new vscode.EventEmitter<RateTest>();
  private readonly redraw = new Throttled(() => this.draw(), REDRAW_MS);
  /** Something new is known of the test that is shown. */
  readonly onDidChange = this.changed.event;

  constructor(private readonly parts: RatePanelsParts) {
    this.scripts = vscode.Uri.joinPath(parts.root, 'dist', 'webviews');
  }

  /** The test that is shown. */
  get test(): RateTest | undefined {
    return this.followed?.test;
  }

  async start(file: string, experiment: string, download = false): Promise<void> {
    const { startRateTest } = await import('../../training/runs');
    await this.stop();
    const { directory } = await startRateTest({ file, experiment }, await this.parts.launcher(download));
    const followed = await this.follow(directory);
    followed.follower.ended.then(() => this.ended(followed)).catch(this.parts.report);
    if (this.panel) this.panel.reveal(undefined, true);
    else this.attach(this.createPanel());
    this.redraw.request();
  }

  /** Where weights are missing it begins once more, if the learner allows the download. The view shows every problem. */
  private async ended({ follower, file, experiment, test: { run } }: Followed): Promise<void> {
    if (run.status !== 'failed' || !run.problem || this.followed?.follower !== follower) return;
    const { download } = run.problem;
    if (needsToken(run.problem.code)) this.parts.tell(run.problem);
    if (!download) return;
    const { mayDownload } = await import('../downloads/ask');
    if (await mayDownload(download)) await this.start(file, experiment, true);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    panel.webview.options = this.options();
    const directory = (state as { directory?: unknown } | undefined)?.directory;
    if (vscode.workspace.isTrusted && typeof directory === 'string' && isRateTest(directory)) {
      await this.follow(directory).catch(this.parts.report);
    }
    this.attach(panel);
  }

  /** Asks the test that is shown to stop, where it is still going on. */
  async stop(): Promise<void> {
    const { followed } = this;
    if (!followed) return;
    const { stopRun } = await import('../../training/runs');
    await stopRun(followed.directory);
  }

  /** Writes a suggestion into the code. */
  async use(suggestion: SuggestionId): Promise<void> {
    const { followed } = this;
    const found = followed?.test.result?.suggestions.find(({ id }) => id === suggestion);
    if (!followed || !found) return;
    await writeRate(this.parts.root.fsPath, followed.file, followed.experiment, found.learningRate);
  }

  private async follow(directory: string): Promise<Followed> {
    const { followRun, readRunFile } = await import('../../training/runs');
    const run = await readRunFile(directory);
    this.followed?.follower.dispose();
    const change = (next: (test: RateTest) => RateTest): void => {
      followed.test = next(followed.test);
      if (this.followed !== followed) return;
      this.changed.fire(followed.test);
      this.redraw.request();
    };
    const follower = followRun(directory, {
      onRecords: (records) =>
        change((test) =>
          records.reduce((state, { event, timeMs }) => reduceRateTest(state, event, timeMs), test),
        ),
    });
    const followed: Followed = {
      directory,
      file: run.file,
      experiment: run.experiment,
      follower,
      test: initialRateTest(run.runId),
    };
    this.followed = followed;
    follower.ended
      .then((end) => {
        if (end === 'interrupted') change((test) => ({ ...test, run: markInterrupted(test.run) }));
      })
      .catch(this.parts.report);
    return followed;
  }

  private draw(): void {
    const { followed } = this;
    if (!followed || !this.panel?.visible) return;
    const { directory, experiment, test } = followed;
    void this.view?.show.asEvent({ directory, experiment, test });
  }

  private options(): vscode.WebviewOptions {
    return { enableScripts: true, localResourceRoots: [this.scripts] };
  }

  private createPanel(): vscode.WebviewPanel {
    return vscode.window.createWebviewPanel(
      VIEW_TYPE,
      vscode.l10n.t('Learning rate'),
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      this.options(),
    );
  }

  private attach(panel: vscode.WebviewPanel): void {
    this.panel?.dispose();
    this.panel = panel;
    panel.onDidChangeViewState(() => this.redraw.request());
    panel.onDidDispose(() => {
      if (this.panel !== panel) return;
      this.view?.$close();
      this.panel = this.view = undefined;
      // Nobody looks at it any more, and it keeps nothing.
      this.stop().catch(this.parts.report);
    });
    this.connect(panel).catch(this.parts.report);
  }

  private async connect(panel: vscode.WebviewPanel): Promise<void> {
    const { isRateHostMessage } = await import('./messages');
    this.view = await connectView<RateViewFunctions, RateHostFunctions>(
      panel.webview,
      this.functions(),
      isRateHostMessage,
    );
    panel.webview.html = webviewHtml(panel.webview, this.scripts, 'learning-rate', 'Learning rate');
  }

  private functions(): RateHostFunctions {
    const onTarget = (command: string): void => {
      if (!this.followed) return;
      const { file, experiment } = this.followed;
      void vscode.commands.executeCommand(`transferLab.${command}`, { file, experiment });
    };
    return {
      ready: () => this.draw(),
      stop: () => void this.stop().catch(this.parts.report),
      again: () => onTarget('findLearningRate'),
      revealExperiment: () => onTarget('rates.reveal'),
      useRate: (suggestion) => void vscode.commands.executeCommand('transferLab.rates.use', suggestion),
    };
  }

  dispose(): void {
    this.redraw.dispose();
    this.followed?.follower.dispose();
    this.panel?.dispose();
    this.changed.dispose();
  }
}

const isRateTest = (directory: string): boolean =>
  path.basename(path.dirname(directory)) === 'rate-tests' && path.isAbsolute(directory);
