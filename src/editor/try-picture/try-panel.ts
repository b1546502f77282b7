import * as path from 'node:path';
import type { BirpcReturn } from 'birpc';
import * as vscode from 'vscode';
import { LearnerError, type Problem } from '../../protocol/errors';
import type { TryContent, TryHostFunctions, TryRequest, TryViewFunctions } from '../../protocol/try-picture';
import { runTitle } from '../labels';
import { connectView } from '../panels/connect-view';
import { webviewHtml } from '../panels/csp';
import { DroppedPicture } from './dropped-picture';
import { localFile } from './local-file';
import { isTryHostMessage } from './messages';
import { PredictingProcess } from './predicting-process';

const VIEW_TYPE = 'transferLab.tryPicture';
const EXTENSIONS = ['png', 'jpg', 'jpeg', 'webp', 'gif', 'tif', 'tiff', 'avif'];

/** A run whose best weights are tried. */
export interface TriedRun {
  readonly directory: string;
  readonly title: string;
}

/** The view "Try a picture": one run at a time, with a process that ends with the view. */
export class TryPanel implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private panel: vscode.WebviewPanel | undefined;
  private view: BirpcReturn<TryViewFunctions, TryHostFunctions> | undefined;
  private process: PredictingProcess | undefined;
  private readonly dropped = new DroppedPicture();
  /** The picture that is shown, or being looked at. */
  private request: (TryRequest & { readonly name: string }) | undefined;
  private turn = 0;
  private readonly scripts: vscode.Uri;
  /** What the view shows. */
  content: TryContent | undefined;

  /** @param root folder of the extension */
  constructor(
    private readonly root: vscode.Uri,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.scripts = vscode.Uri.joinPath(root, 'dist', 'webviews');
  }

  /** @returns when the network is loaded, or the view says why it cannot be */
  async open(run: TriedRun): Promise<void> {
    if (this.panel) this.panel.reveal(undefined, false);
    else this.attach(this.createPanel());
    if (this.content?.directory === run.directory && this.process) return;
    this.use(run);
    await this.work({ opening: true }, async (process) => {
      await process.open();
      return {};
    });
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const directory = (state as { directory?: unknown } | undefined)?.directory;
    if (typeof directory !== 'string' || !path.isAbsolute(directory)) {
      panel.dispose();
      return;
    }
    panel.webview.options = this.options();
    this.attach(panel);
    try {
      const { readRunFile } = await import('../../training/runs');
      this.use({ directory, title: runTitle(await readRunFile(directory)) });
    } catch (error) {
      this.use({ directory, title: path.basename(directory) });
      this.set({ problem: this.problemOf(error) });
    }
  }

  /** @returns when the view shows what the network says, or what is wrong */
  async tryFile(file: string, name = path.basename(file)): Promise<void> {
    await this.predict({ file, name });
  }

  private use({ directory, title }: TriedRun): void {
    this.process?.dispose();
    this.process = new PredictingProcess(this.root.fsPath, directory, this.log);
    this.request = undefined;
    this.turn++;
    this.content = { directory, title };
    this.draw();
  }

  private async predict(request: TryRequest & { readonly name: string }): Promise<void> {
    const { name } = request;
    this.request = request;
    const shown = this.content?.result?.name === name ? this.content.result : undefined;
    await this.work({ busy: name, ...(shown ? { result: shown } : {}) }, async (process) => {
      return { result: { name, picture: await process.predict(request) } };
    });
  }

  /** Shows `meanwhile`, then what came out, unless something newer was asked for in between. */
  private async work(
    meanwhile: Partial<TryContent>,
    ask: (process: PredictingProcess) => Promise<Partial<TryContent>>,
  ): Promise<void> {
    const { process } = this;
    if (!process) return;
    const turn = ++this.turn;
    this.set(meanwhile);
    const outcome = await ask(process).catch((error: unknown) => ({ problem: this.problemOf(error) }));
    if (turn === this.turn) this.set(outcome);
  }

  private problemOf(error: unknown): Pick<Problem, 'message' | 'remedy'> {
    this.log.info(error instanceof Error ? error.message : String(error));
    if (error instanceof LearnerError) return error.problem;
    return {
      message: vscode.l10n.t('Transfer Lab met an error of its own. The log has its details.'),
      remedy: error instanceof Error ? error.message : String(error),
    };
  }

  private set(part: Partial<TryContent>): void {
    if (!this.content) return;
    const { directory, title } = this.content;
    this.content = { directory, title, ...part };
    this.draw();
  }

  private draw(): void {
    if (this.content && this.panel?.visible) void this.view?.show.asEvent(this.content);
  }

  private options(): vscode.WebviewOptions {
    return { enableScripts: true, localResourceRoots: [this.scripts] };
  }

  private createPanel(): vscode.WebviewPanel {
    const where = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: false };
    return vscode.window.createWebviewPanel(VIEW_TYPE, vscode.l10n.t('Try a picture'), where, this.options());
  }

  private attach(panel: vscode.WebviewPanel): void {
    this.panel?.dispose();
    this.panel = panel;
    panel.onDidChangeViewState(() => this.draw());
    panel.onDidDispose(() => {
      if (this.panel === panel) this.closed();
    });
    void this.connect(panel);
  }

  private async connect(panel: vscode.WebviewPanel): Promise<void> {
    const view = await connectView<TryViewFunctions, TryHostFunctions>(
      panel.webview,
      this.functions(),
      isTryHostMessage,
    );
    if (this.panel !== panel) return;
    this.view = view;
    panel.webview.html = webviewHtml(panel.webview, this.scripts, 'try-picture', panel.title);
  }

  private functions(): TryHostFunctions {
    return {
      ready: () => this.draw(),
      choose: () => void this.choose(),
      tryBytes: (name, bytes) => void this.tryBytes(name, bytes),
      tryFile: (address) => {
        const file = localFile(vscode.Uri.parse(address));
        if (file !== undefined) void this.tryFile(file);
      },
      readLayer: (layer) => void (this.request && this.predict({ ...this.request, layer })),
    };
  }

  private async choose(): Promise<void> {
    const [uri] =
      (await vscode.window.showOpenDialog({
        title: vscode.l10n.t('Choose a picture'),
        openLabel: vscode.l10n.t('Try it'),
        filters: { [vscode.l10n.t('Pictures')]: EXTENSIONS },
      })) ?? [];
    if (uri) await this.tryFile(uri.fsPath);
  }

  private async tryBytes(name: string, bytes: Uint8Array): Promise<void> {
    try {
      await this.tryFile(await this.dropped.keep(bytes), name);
    } catch (error) {
      this.set({ problem: this.problemOf(error) });
    }
  }

  private closed(): void {
    this.turn++;
    this.view?.$close();
    this.process?.dispose();
    this.panel = this.view = this.process = this.request = this.content = undefined;
    this.dropped.dispose();
  }

  dispose(): void {
    this.panel?.dispose();
    this.closed();
  }
}
