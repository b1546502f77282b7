import * as path from 'node:path';
import * as vscode from 'vscode';
import type { RunManager } from './runs/run-manager';
import { markWorkspace } from './workspace-marker';

const PROGRESS_FILES = '**/.transfer-lab/progress.json';

/** Keeps what this window knows in step with its folders: when it opens, when trust is granted, when folders come and go. */
export class Discovery implements vscode.Disposable {
  private readonly watcher = vscode.workspace.createFileSystemWatcher(PROGRESS_FILES);
  private readonly subscriptions: vscode.Disposable[];
  private readonly marked = new Set<string>();

  constructor(
    /** Folder of the extension. */
    private readonly root: string,
    private readonly manager: RunManager,
    refreshExercises: () => void,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscriptions = [
      this.watcher,
      this.watcher.onDidCreate(({ fsPath }) => {
        this.mark(path.dirname(path.dirname(fsPath)));
        refreshExercises();
      }),
      this.watcher.onDidChange(refreshExercises),
      this.watcher.onDidDelete(refreshExercises),
      manager.onDidChange((news) => {
        if (!news) for (const { run } of manager.runs) this.mark(path.dirname(run.file));
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.look()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.look()),
    ];
  }

  look(): void {
    const report = (error: unknown): void => this.log.error(error instanceof Error ? error : String(error));
    this.manager.discover().catch(report);
    this.refreshTypes().catch(report);
  }

  /** Folders that another version of the extension scaffolded get this one's declarations. */
  private async refreshTypes(): Promise<void> {
    if (!vscode.workspace.isTrusted) return;
    const found = await vscode.workspace.findFiles(PROGRESS_FILES, '**/node_modules/**', 200);
    if (found.length === 0) return;
    const { refreshTypes } = await import('../course');
    for (const { fsPath } of found) {
      const folder = path.dirname(path.dirname(fsPath));
      if (await refreshTypes(this.root, folder)) this.log.info(`Types were brought up to date in ${folder}`);
    }
  }

  private mark(folder: string): void {
    if (this.marked.has(folder)) return;
    this.marked.add(folder);
    markWorkspace(folder).catch((error: unknown) => this.log.warn(String(error)));
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }
}
