import { readFile } from 'node:fs/promises';
import type { BirpcReturn } from 'birpc';
import * as vscode from 'vscode';
import { LearnerError } from '../../protocol/errors';
import { runCli } from '../cli-process';
import type { ExperimentTarget } from '../runs/current-experiment';
import { connectView } from './connect-view';
import { webviewHtml } from './csp';

/** After the last key. */
const QUIET_MS = 800;
/** Evaluating a file takes a moment: what says nothing for so long is a loop without an end. */
const LONGEST_MS = 60_000;

interface View<Content> {
  show(content: Content): void;
}

/** What a view of an experiment is called. */
export interface PanelNames {
  readonly viewType: string;
  /** Of its files in dist/webviews. */
  readonly page: string;
  readonly title: string;
}

export interface CliProblem {
  readonly kind: 'problem';
  readonly experiment: string;
  readonly message: string;
  readonly remedy: string;
}

/** A view beside the code that shows one experiment, read again as its file is edited. Edits count before they are saved. */
export abstract class ExperimentPanel<Content, Host extends object> implements vscode.Disposable {
  protected panel: vscode.WebviewPanel | undefined;
  protected target: ExperimentTarget | undefined;
  protected content: Content | undefined;
  private view: BirpcReturn<View<Content>, Host> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private turn = new AbortController();
  private readonly subscription: vscode.Disposable;
  private readonly webviews: vscode.Uri;

  constructor(
    /** Folder of the extension. */
    protected readonly root: string,
    protected readonly log: vscode.LogOutputChannel,
    private readonly names: PanelNames,
  ) {
    this.webviews = vscode.Uri.joinPath(vscode.Uri.file(root), 'dist', 'webviews');
    this.subscription = vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document.uri.fsPath === this.target?.file && this.panel?.visible) this.later();
    });
  }

  /** What the view may call. */
  protected abstract functions(): Host;
  /** Whether a message is one of those calls. */
  protected abstract allows(data: unknown): boolean;
  protected abstract reading(experiment: string): Content;
  /** @param signal the view is gone, or the file has changed again */
  protected abstract look(target: ExperimentTarget, signal: AbortSignal): Promise<Content | CliProblem>;

  /** @returns when it is there, or what is wrong */
  async show(target: ExperimentTarget): Promise<void> {
    if (target.file !== this.target?.file || target.experiment !== this.target.experiment)
      this.content = undefined;
    this.target = target;
    if (this.panel) this.panel.reveal(undefined, true);
    else await this.open();
    await this.read();
  }

  private async open(): Promise<void> {
    const { viewType, page, title } = this.names;
    const where = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const options = { enableScripts: true, localResourceRoots: [this.webviews] };
    const panel = vscode.window.createWebviewPanel(viewType, title, where, options);
    this.panel = panel;
    panel.onDidDispose(() => {
      clearTimeout(this.timer);
      this.turn.abort();
      this.view?.$close();
      this.panel = this.view = this.target = this.content = undefined;
    });
    this.view = await connectView<View<Content>, Host>(panel.webview, this.functions(), (data) =>
      this.allows(data),
    );
    panel.webview.html = webviewHtml(panel.webview, this.webviews, page, title);
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.read(), QUIET_MS);
  }

  /** Aborted with the next edit, and when the view is gone. */
  protected get signal(): AbortSignal {
    return this.turn.signal;
  }

  protected async read(): Promise<void> {
    const { target } = this;
    if (!target) return;
    this.turn.abort();
    const turn = (this.turn = new AbortController());
    if (!this.content) this.set(this.reading(target.experiment));
    const content = await this.look(target, turn.signal);
    if (!turn.signal.aborted && this.target) this.set(content as Content);
  }

  /** Our command line on the file as it stands in the editor. What a learner can mend is an answer, too. */
  protected async ask<Answer extends object>(
    command: string,
    { file, experiment }: ExperimentTarget,
    { more = [], ...options }: AskOptions = {},
  ): Promise<(Answer & { readonly saved: boolean }) | CliProblem> {
    const open = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === file);
    try {
      const input = open ? open.getText() : await readFile(file, 'utf8');
      const args = [command, file, '--experiment', experiment, '--stdin', '--json', ...more];
      const { onLine, signal } = options;
      const answer = await runCli(this.root, args, this.log, onLine, {
        input,
        timeoutMs: LONGEST_MS,
        ...(signal ? { signal } : {}),
      });
      return { ...(answer as Answer), saved: open?.isDirty !== true };
    } catch (error) {
      this.log.info(error instanceof Error ? error.message : String(error));
      if (!(error instanceof LearnerError)) throw error;
      const { message, remedy } = error.problem;
      return { kind: 'problem', experiment, message, remedy };
    }
  }

  protected set(content: Content): void {
    this.content = content;
    this.draw();
  }

  protected draw(): void {
    if (this.content && this.panel?.visible) void this.view?.show.asEvent(this.content);
  }

  dispose(): void {
    this.subscription.dispose();
    this.panel?.dispose();
  }
}

interface AskOptions {
  readonly more?: readonly string[];
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}
