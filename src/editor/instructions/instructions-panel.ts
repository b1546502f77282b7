import type { BirpcReturn } from 'birpc';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type {
  InstructionAction,
  InstructionsHostFunctions,
  InstructionsStatus,
  InstructionsViewFunctions,
} from '../../protocol/instructions';
import type { ExerciseNode, ExercisesTree } from '../exercises/exercises-tree';
import { findingsOf, taskStatuses } from '../exercises/task-status';
import { openAt, tell, tellError } from '../guard';
import { connectView } from '../panels/connect-view';
import { webviewHtml } from '../panels/csp';
import type { Started } from './follow';

const VIEW_TYPE = 'transferLab.instructions';

/** The README of an exercise beside its code: what it says, what is done, and links that do things. One panel, for one exercise at a time. */
export class InstructionsPanels implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private view: BirpcReturn<InstructionsViewFunctions, InstructionsHostFunctions> | undefined;
  private folder = '';
  private loaded = false;
  /** What the check of a folder is doing now. */
  private readonly checking = new Map<string, string>();
  private watcher: vscode.Disposable | undefined;
  private sending: Promise<void> = Promise.resolve();
  /** The exercise as it was read last. */
  private seen: Started | undefined;
  private readonly subscriptions: readonly vscode.Disposable[];

  constructor(
    private readonly extension: vscode.Uri,
    private readonly tree: ExercisesTree,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscriptions = [
      tree.onDidChangeTreeData(() => this.update()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.update()),
    ];
  }

  /** Shows the instructions of the exercise in this folder; the keyboard stays where it is. */
  show(folder: string): void {
    const { panel } = this;
    if (panel && folder === this.folder) {
      panel.reveal(panel.viewColumn, true);
      return;
    }
    this.attach(
      vscode.window.createWebviewPanel(
        VIEW_TYPE,
        vscode.l10n.t('Instructions'),
        { viewColumn: panel?.viewColumn ?? vscode.ViewColumn.Beside, preserveFocus: true },
        { enableFindWidget: true },
      ),
      folder,
    );
  }

  /** After a reload of the window. @param state as the view kept it */
  restore(panel: vscode.WebviewPanel, state: unknown): void {
    const { folder } = (state ?? {}) as { folder?: unknown };
    this.attach(panel, typeof folder === 'string' ? folder : '');
  }

  /** Runs the check of an exercise, one at a time for each folder, and shows what it is doing. */
  async whileChecking(folder: string, check: (say: (text: string) => void) => Promise<void>): Promise<void> {
    if (this.checking.has(folder)) {
      tell(vscode.l10n.t('This exercise is being checked already.'));
      return;
    }
    const say = (text: string): void => {
      this.checking.set(folder, text);
      this.sendStatus();
    };
    try {
      say('');
      await check(say);
    } finally {
      this.checking.delete(folder);
      this.update();
    }
  }

  private attach(panel: vscode.WebviewPanel, folder: string): void {
    const before = this.panel;
    this.panel = panel;
    this.folder = folder;
    this.loaded = false;
    this.seen = undefined;
    before?.dispose();
    const webviews = vscode.Uri.joinPath(this.extension, 'dist', 'webviews');
    const own = folder === '' ? [] : [vscode.Uri.file(folder)];
    panel.webview.options = { enableScripts: true, localResourceRoots: [webviews, ...own] };
    this.watcher?.dispose();
    this.watcher = folder === '' ? undefined : this.watch(folder);
    panel.onDidChangeViewState(() => {
      // A hidden view is taken down. When it comes back it loads anew and says that it is ready.
      if (this.panel === panel && !panel.visible) this.loaded = false;
    });
    panel.onDidDispose(() => {
      if (this.panel !== panel) return;
      this.watcher?.dispose();
      this.view?.$close();
      this.panel = this.view = this.watcher = undefined;
    });
    this.connect(panel, webviews).catch((error: unknown) => tellError(error, this.log));
  }

  private watch(folder: string): vscode.Disposable {
    const readme = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, 'README.md'));
    readme.onDidChange(() => this.draw());
    readme.onDidCreate(() => this.draw());
    readme.onDidDelete(() => this.draw());
    return readme;
  }

  private async connect(panel: vscode.WebviewPanel, webviews: vscode.Uri): Promise<void> {
    const { isHostMessage } = await import('./messages');
    this.view?.$close();
    this.view = await connectView<InstructionsViewFunctions, InstructionsHostFunctions>(
      panel.webview,
      this.functions(),
      isHostMessage,
    );
    panel.webview.html = webviewHtml(panel.webview, webviews, 'instructions', vscode.l10n.t('Instructions'));
  }

  private functions(): InstructionsHostFunctions {
    const guarded =
      <Values extends unknown[]>(run: (...values: Values) => unknown) =>
      (...values: Values): void => {
        Promise.resolve()
          .then(() => run(...values))
          .catch((error: unknown) => tellError(error, this.log));
      };
    return {
      ready: () => {
        this.loaded = true;
        this.draw();
      },
      act: guarded((action: InstructionAction) => this.follow(action)),
      openFile: guarded(async (file: string, line: number | null) => {
        const { openExerciseFile } = await import('./follow');
        await openExerciseFile(this.folder, file, line ?? undefined, this.codeColumn);
      }),
      openFinding: guarded(async (check: string) => {
        const { progress } = (await this.exercise()) ?? {};
        const found = progress?.lastReport?.results.find(({ id }) => id === check);
        if (found?.location) await openAt(found.location);
      }),
      copy: guarded((text: string) => vscode.env.clipboard.writeText(text)),
      manageTrust: () => void vscode.commands.executeCommand('workbench.trust.manage'),
    };
  }

  private async follow(action: InstructionAction): Promise<void> {
    const exercise = await this.exercise();
    if (!exercise) return;
    const { follow } = await import('./follow');
    await follow(action, exercise, this.extension.fsPath, this.codeColumn);
    if (action.action === 'hint') this.update();
  }

  /** Where code goes: beside the instructions, never over them. */
  private get codeColumn(): vscode.ViewColumn {
    return this.panel?.viewColumn === vscode.ViewColumn.One ? vscode.ViewColumn.Two : vscode.ViewColumn.One;
  }

  private async exercise(): Promise<Started | undefined> {
    const all: readonly ExerciseNode[] = await this.tree.exercises();
    const own = all.find(({ folder }) => folder === this.folder);
    return own?.folder === undefined ? undefined : { ...own, folder: own.folder };
  }

  /** The README and the state of its tasks, where somebody looks at them. */
  private draw(): void {
    this.enqueue(async () => {
      const exercise = await this.look();
      if (!exercise) return;
      const text = await this.read(exercise);
      if (text) void this.view?.document.asEvent({ folder: exercise.folder, ...text });
      else
        this.missing(vscode.l10n.t('README.md of this exercise is gone or cannot be read: {0}', this.folder));
      this.sendStatus();
    });
  }

  /** The state of the tasks alone. */
  private update(): void {
    this.enqueue(async () => {
      if (await this.look()) this.sendStatus();
    });
  }

  /** One after the other, so that what is sent last is what was read last. */
  private enqueue(send: () => Promise<void>): void {
    this.sending = this.sending
      .then(() => (this.loaded ? send() : undefined))
      .catch((error: unknown) => this.log.error(error instanceof Error ? error : String(error)));
  }

  private async look(): Promise<Started | undefined> {
    this.seen = await this.exercise();
    if (!this.seen) this.missing(vscode.l10n.t('This exercise is not in this workspace any more.'));
    return this.seen;
  }

  private missing(words: string): void {
    void this.view?.missing.asEvent(words);
  }

  private sendStatus(): void {
    if (this.seen && this.loaded) void this.view?.status.asEvent(this.statusOf(this.seen));
  }

  private async read({ folder, exercise }: Started) {
    const { readMarkdown } = await import('./read-markdown');
    const readme = vscode.Uri.file(path.join(folder, 'README.md'));
    const bytes = await vscode.workspace.fs.readFile(readme).then(undefined, () => undefined);
    const webview = this.panel?.webview;
    if (!bytes || !webview) return undefined;
    const addressOf = (file: string): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(vscode.Uri.file(folder), file)).toString();
    return readMarkdown(new TextDecoder().decode(bytes), exercise, addressOf);
  }

  private statusOf({ exercise, folder, progress }: Started): InstructionsStatus {
    const checking = this.checking.get(folder);
    return {
      state: progress?.state ?? 'new',
      tasks: taskStatuses(exercise, progress),
      findings: findingsOf(progress, undefined),
      ...(checking === undefined ? {} : { checking }),
      trusted: vscode.workspace.isTrusted,
    };
  }

  dispose(): void {
    for (const one of this.subscriptions) one.dispose();
    this.panel?.dispose();
  }
}
