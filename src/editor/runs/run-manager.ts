import * as path from 'node:path';
import * as vscode from 'vscode';
import type { JournalRecord } from '../../protocol/events';
import type { JournalDamage, Launcher, Liveness, RunPlace, StopOutcome } from '../../training/runs';
import { chosenNode } from '../chosen-node';
import { ManagedRun } from './managed-run';
import { unknownRuns } from './unknown-runs';

export { ManagedRun } from './managed-run';

export interface RunNews {
  readonly run: ManagedRun;
  readonly records: readonly JournalRecord[];
}

const RUN_FILES_PATTERN = '**/.transfer-lab/runs/*/{run,control}.json';
const MOST_RUNS = 2000;
/** Between looks at folders with runs, for what the watcher missed. */
const LOOK_MS = 3000;
/** Directories that are read at the same time. */
const AT_ONCE = 16;

/** Knows every run below the workspace folders and follows the living ones. The run directory is the truth. */
export class RunManager implements vscode.Disposable {
  private readonly byDirectory = new Map<string, ManagedRun>();
  private readonly adopting = new Map<string, Promise<ManagedRun>>();
  private readonly changed = new vscode.EventEmitter<RunNews | undefined>();
  private readonly watcher = vscode.workspace.createFileSystemWatcher(RUN_FILES_PATTERN, false, true, false);
  private readonly timer = setInterval(() => void this.lookAgain().catch(this.report), LOOK_MS);
  /** Unreadable ones: told once. */
  private readonly refused = new Set<string>();
  private sorted: ManagedRun[] | undefined;
  private disposed = false;
  /** A run has news; or, without one, the list of runs has changed. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly extension: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.watcher.onDidCreate((uri) => this.appeared(uri.fsPath).catch(this.report));
    this.watcher.onDidDelete(({ fsPath }) => {
      if (path.basename(fsPath) === 'run.json') this.forget(path.dirname(fsPath));
    });
  }

  private readonly report = (error: unknown): void =>
    this.log.error(error instanceof Error ? error : String(error));

  /** Newest first. */
  get runs(): readonly ManagedRun[] {
    this.sorted ??= [...this.byDirectory.values()].sort((a, b) =>
      b.run.createdAt.localeCompare(a.run.createdAt),
    );
    return this.sorted;
  }

  get live(): ManagedRun[] {
    return this.runs.filter(({ living }) => living);
  }

  byId(runId: string): ManagedRun | undefined {
    return this.runs.find(({ run }) => run.runId === runId);
  }

  /** The newest run of an experiment; a living one first. */
  latest(file: string, experiment: string): ManagedRun | undefined {
    const own = this.runs.filter(({ run }) => run.file === file && run.experiment === experiment);
    return own.find(({ living }) => living) ?? own[0];
  }

  /** Finds what earlier windows, other windows and terminals left. A folder that is not trusted is not looked at. */
  async discover(): Promise<void> {
    if (!vscode.workspace.isTrusted) return;
    const pattern = RUN_FILES_PATTERN.replace('{run,control}', 'run');
    const found = await vscode.workspace.findFiles(pattern, '**/node_modules/**', MOST_RUNS);
    const waiting = found.map((uri) => path.dirname(uri.fsPath));
    const work = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        await this.adopt(next).catch(this.report);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  /** Looks into the folders of known runs and of open files. */
  private async lookAgain(): Promise<void> {
    if (!vscode.workspace.isTrusted) return;
    const open = vscode.window.visibleTextEditors.filter(({ document }) => document.uri.scheme === 'file');
    const folders = [
      ...this.runs.map(({ run }) => path.dirname(run.file)),
      ...open.map(({ document }) => path.dirname(document.uri.fsPath)),
    ];
    const isKnown = (directory: string): boolean =>
      this.byDirectory.has(directory) || this.adopting.has(directory) || this.refused.has(directory);
    for (const directory of await unknownRuns(folders, isKnown)) {
      await this.adopt(directory).catch((error: unknown) => {
        this.refused.add(directory);
        this.report(error);
      });
    }
  }

  async adopt(directory: string, resuming = false): Promise<ManagedRun> {
    const known = this.byDirectory.get(directory);
    if (known && !resuming) return known;
    let adoption = this.adopting.get(directory);
    if (!adoption) {
      adoption = this.read(directory, resuming).finally(() => this.adopting.delete(directory));
      this.adopting.set(directory, adoption);
    }
    return adoption;
  }

  private async read(directory: string, resuming: boolean): Promise<ManagedRun> {
    const { livenessOf, readRunEnd, readRunFile } = await import('../../training/runs');
    const managed = new ManagedRun(
      directory,
      await readRunFile(directory),
      (run) => void this.complete(run).catch(this.report),
    );
    const end = resuming ? undefined : await readRunEnd(directory);
    this.byDirectory.get(directory)?.follower?.dispose();
    this.byDirectory.set(directory, managed);
    this.listChanged();
    if (end && (await livenessOf(directory)) === 'gone') {
      managed.summarize(end);
      managed.ended = true;
      this.tell(managed, []);
    } else await this.follow(managed, managed, resuming);
    return managed;
  }

  /** Brings what happened before the end of a run that was found over. Until all is there it shows as it is. */
  private async complete(managed: ManagedRun): Promise<void> {
    const whole = new ManagedRun(managed.directory, managed.run, () => undefined);
    await this.follow(whole, undefined, false);
    await whole.follower?.ended;
    managed.takeFrom(whole);
    this.tell(managed, managed.records);
  }

  /** @param shown whose news they are; without one they are kept back */
  private async follow(read: ManagedRun, shown: ManagedRun | undefined, resuming: boolean): Promise<void> {
    const { followRun } = await import('../../training/runs');
    const tell = (records: readonly JournalRecord[]): void => {
      if (shown) this.tell(shown, records);
    };
    const listener = {
      onRecords: (records: readonly JournalRecord[]) => {
        read.liveness = 'answering';
        read.add(records);
        tell(records);
      },
      onLiveness: (liveness: Liveness) => {
        read.liveness = liveness;
        tell([]);
      },
      onDamage: (damage: readonly JournalDamage[]) =>
        damage.forEach(({ line, reason }) => this.log.warn(`${read.directory}, line ${line}: ${reason}`)),
    };
    const follower = followRun(read.directory, listener, { resuming });
    read.follower = follower;
    if (this.disposed) follower.dispose();
    follower.ended
      .then((end) => {
        if (end === 'disposed') return;
        if (end === 'interrupted') read.interrupt();
        read.ended = true;
        tell([]);
      })
      .catch(this.report);
  }

  private tell(run: ManagedRun, records: readonly JournalRecord[]): void {
    if (!this.disposed) this.changed.fire({ run, records });
  }

  /** run.json: a run began, here or elsewhere. control.json: a process took it up, perhaps again. */
  private async appeared(file: string): Promise<void> {
    if (!vscode.workspace.isTrusted) return;
    const directory = path.dirname(file);
    const known = this.byDirectory.get(directory);
    const again = path.basename(file) === 'control.json' && known !== undefined && !known.living;
    if (again) {
      const { livenessOf } = await import('../../training/runs');
      if ((await livenessOf(directory)) === 'gone') return;
    }
    await this.adopt(directory, again);
  }

  forget(directory: string): void {
    this.byDirectory.get(directory)?.follower?.dispose();
    if (this.byDirectory.delete(directory)) this.listChanged();
  }

  private listChanged(): void {
    this.sorted = undefined;
    if (!this.disposed) this.changed.fire(undefined);
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

  async resume(run: ManagedRun): Promise<ManagedRun> {
    const { resumeRun } = await import('../../training/runs');
    await resumeRun(run.directory, await this.launcher());
    return this.adopt(run.directory, true);
  }

  /** Runs that ended for want of a download, now that it is allowed; in one process. */
  async resumeWithDownload(runs: readonly ManagedRun[]): Promise<ManagedRun[]> {
    const { resumeRuns, untilGone } = await import('../../training/runs');
    const directories = runs.map(({ directory }) => directory);
    await untilGone(directories);
    await resumeRuns(directories, await this.launcher(true));
    return Promise.all(directories.map((directory) => this.adopt(directory, true)));
  }

  async stop(run: ManagedRun): Promise<StopOutcome> {
    const { stopRun } = await import('../../training/runs');
    return stopRun(run.directory);
  }

  /** How processes are started. @param download they may fetch what their experiment names */
  async launcher(download = false): Promise<Launcher> {
    const node = await chosenNode(this.log);
    const { hubEnvironment } = await import('../downloads/environment');
    return {
      node,
      env: await hubEnvironment(download),
      mainScript: this.extension.asAbsolutePath('dist/main.js'),
      version: String((this.extension.extension.packageJSON as { version: unknown }).version),
    };
  }

  dispose(): void {
    this.disposed = true;
    clearInterval(this.timer);
    this.watcher.dispose();
    this.changed.dispose();
    for (const { follower } of this.byDirectory.values()) follower?.dispose();
  }
}
