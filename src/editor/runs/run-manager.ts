import * as path from 'node:path';
import * as vscode from 'vscode';
import type { JournalRecord } from '../../protocol/events';
import type { RunFile } from '../../protocol/run-files';
import { initialRunState, isOver, markInterrupted, reduceRun, type RunState } from '../../protocol/run-state';
import type { Launcher, RunFollower, RunPlace } from '../../training/runs';

export interface ManagedRun {
  readonly directory: string;
  readonly run: RunFile;
  state: RunState;
  records: JournalRecord[];
  follower?: RunFollower;
}

export interface RunNews {
  readonly run: ManagedRun;
  readonly records: readonly JournalRecord[];
}

/** Knows every run below the workspace folders and follows the living ones. The run directory is the truth. */
export class RunManager implements vscode.Disposable {
  private readonly byDirectory = new Map<string, ManagedRun>();
  private readonly changed = new vscode.EventEmitter<RunNews | undefined>();
  private readonly watcher = vscode.workspace.createFileSystemWatcher('**/.transfer-lab/runs/*/run.json');
  private disposed = false;
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly extension: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.watcher.onDidCreate((uri) => this.adopt(path.dirname(uri.fsPath)).catch(this.report));
    this.watcher.onDidDelete((uri) => this.forget(path.dirname(uri.fsPath)));
  }

  private readonly report = (error: unknown): void =>
    this.log.error(error instanceof Error ? error : String(error));

  /** Newest first. */
  get runs(): ManagedRun[] {
    return [...this.byDirectory.values()].sort((a, b) => b.run.createdAt.localeCompare(a.run.createdAt));
  }

  get live(): ManagedRun[] {
    return this.runs.filter(({ state }) => !isOver(state));
  }

  byId(runId: string): ManagedRun | undefined {
    return this.runs.find(({ run }) => run.runId === runId);
  }

  /** The newest run of an experiment; a living one first. */
  latest(file: string, experiment: string): ManagedRun | undefined {
    const own = this.runs.filter(({ run }) => run.file === file && run.experiment === experiment);
    return own.find(({ state }) => !isOver(state)) ?? own[0];
  }

  /** Finds what earlier windows and terminals left. */
  async discover(): Promise<void> {
    const found = await vscode.workspace.findFiles(
      '**/.transfer-lab/runs/*/run.json',
      '**/node_modules/**',
      2000,
    );
    await Promise.all(found.map((uri) => this.adopt(path.dirname(uri.fsPath)).catch(this.report)));
  }

  async adopt(directory: string, resuming = false): Promise<ManagedRun> {
    const known = this.byDirectory.get(directory);
    if (known && !resuming) return known;
    const { followRun, readRunFile } = await import('../../training/runs');
    const run = await readRunFile(directory);
    const again = this.byDirectory.get(directory);
    if (again && !resuming) return again;
    again?.follower?.dispose();
    const managed: ManagedRun = { directory, run, state: initialRunState(run.runId), records: [] };
    this.byDirectory.set(directory, managed);
    const follower = followRun(
      directory,
      {
        onRecords: (records) => {
          for (const { event, timeMs } of records) managed.state = reduceRun(managed.state, event, timeMs);
          managed.records.push(...records);
          this.changed.fire({ run: managed, records });
        },
      },
      { resuming },
    );
    managed.follower = follower;
    if (this.disposed) follower.dispose();
    follower.ended
      .then((end) => {
        if (end === 'interrupted') managed.state = markInterrupted(managed.state);
        this.changed.fire({ run: managed, records: [] });
      })
      .catch(this.report);
    this.changed.fire(undefined);
    return managed;
  }

  forget(directory: string): void {
    this.byDirectory.get(directory)?.follower?.dispose();
    if (this.byDirectory.delete(directory)) this.changed.fire(undefined);
  }

  async start(file: string, experiment: string): Promise<ManagedRun> {
    const { startRun } = await import('../../training/runs');
    const place = await startRun({ file, experiment }, await this.launcher());
    return this.adopt(place.directory);
  }

  async compare(file: string, experiment: string): Promise<ManagedRun[]> {
    const [{ startComparison }, { COMPARED }] = await Promise.all([
      import('../../training/runs'),
      import('../../training/strategies'),
    ]);
    const { runs } = await startComparison({ file, experiment }, COMPARED, await this.launcher());
    return Promise.all(runs.map(({ directory }: RunPlace) => this.adopt(directory)));
  }

  async resume(run: ManagedRun): Promise<void> {
    const { resumeRun } = await import('../../training/runs');
    await resumeRun(run.directory, await this.launcher());
    await this.adopt(run.directory, true);
  }

  async stop(run: ManagedRun): Promise<void> {
    const { stopRun } = await import('../../training/runs');
    if ((await stopRun(run.directory)) === 'notAnswering') {
      void vscode.window.showWarningMessage(
        'The run does not answer yet. It stops when it does, or end its process.',
      );
    }
  }

  private async launcher(): Promise<Launcher> {
    const { findNode } = await import('../../training/runs');
    const setting = vscode.workspace.getConfiguration('transferLab').get<string>('nodePath', '');
    return {
      node: await findNode({ editor: process.execPath, ...(setting ? { setting } : {}) }),
      mainScript: this.extension.asAbsolutePath('dist/main.js'),
      version: String((this.extension.extension.packageJSON as { version: unknown }).version),
    };
  }

  dispose(): void {
    this.disposed = true;
    this.watcher.dispose();
    this.changed.dispose();
    for (const { follower } of this.byDirectory.values()) follower?.dispose();
  }
}
