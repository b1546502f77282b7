import * as vscode from 'vscode';
import { ContextKeys } from './context-keys';
import { ExperimentLens } from './experiment-lens';
import { EXPERIMENT_FILES } from './experiments-of';
import { InlineProgress } from './inline-progress';
import type { RunManager } from './run-manager';
import type { RunProblems } from './run-problems';
import { RunsTree } from './runs-tree';
import { StatusBar } from './status-bar';
import { Throttled } from '../throttled';

/** At most four times a second, however fast a run writes. */
const REDRAW_MS = 250;

/** Everything in the window that shows runs: one news, one redraw of them all. */
export class RunViews implements vscode.Disposable {
  readonly inline: InlineProgress;
  readonly status: StatusBar;
  readonly tree: RunsTree;
  private readonly lens: ExperimentLens;
  private readonly keys: ContextKeys;
  private readonly redraw = new Throttled(() => this.draw(), REDRAW_MS);
  private readonly subscriptions: vscode.Disposable[];

  constructor(manager: RunManager, problems: RunProblems) {
    this.inline = new InlineProgress(manager);
    this.status = new StatusBar(manager);
    this.tree = new RunsTree(manager);
    this.lens = new ExperimentLens(manager);
    this.keys = new ContextKeys(manager);
    this.subscriptions = [
      this.inline,
      this.status,
      this.redraw,
      vscode.window.createTreeView('transferLab.runs', {
        treeDataProvider: this.tree,
        showCollapseAll: true,
      }),
      vscode.languages.registerCodeLensProvider([...EXPERIMENT_FILES], this.lens),
      manager.onDidChange((news) => {
        if (news) problems.look(news.run);
        this.redraw.request();
      }),
      vscode.window.onDidChangeVisibleTextEditors(this.redraw.request),
      vscode.window.onDidChangeActiveTextEditor(() => this.keys.update()),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length === 0 || document.uri.scheme !== 'file') return;
        problems.edited(document);
        this.redraw.request();
      }),
      vscode.workspace.onDidChangeConfiguration(this.redraw.request),
    ];
    this.redraw.request();
  }

  private draw(): void {
    this.tree.refresh();
    this.inline.draw();
    this.status.draw();
    this.lens.update();
    this.keys.update();
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }
}
