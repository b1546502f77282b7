import * as fs from 'node:fs/promises';
import * as vscode from 'vscode';
import type { WantedDownload } from '../../protocol/errors';
import { tellBug, tellError, tellProblem } from '../guard';
import { runTitle } from '../labels';
import type { ManagedRun, RunManager } from './run-manager';

const UNTOLD = 'transferLab.untold';

/**
 * What went wrong in runs: at its line for as long as the file is as it was, and once as a notification where the learner
 * started the run. What is still to be told outlives the window, so a reload neither loses nor repeats it.
 */
export class RunProblems implements vscode.Disposable {
  private readonly diagnostics = vscode.languages.createDiagnosticCollection('transferLab.runs');
  private readonly shown = new Map<
    string,
    { readonly uri: vscode.Uri; readonly diagnostic: vscode.Diagnostic }
  >();
  private readonly seen = new WeakSet<ManagedRun>();

  constructor(
    private readonly manager: RunManager,
    private readonly memory: vscode.Memento,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** The learner began these runs here and will want to know how they end. */
  expect(runs: readonly ManagedRun[]): void {
    this.remember([...this.untold, ...runs.map(({ run }) => run.runId)]);
    for (const run of runs) {
      if (this.shown.delete(experimentKey(run))) this.publish();
      this.seen.delete(run);
      this.look(run);
    }
  }

  /** Called for every change of a run. */
  look(run: ManagedRun): void {
    if (!run.ended || this.seen.has(run)) return;
    this.seen.add(run);
    if (run.state.status === 'failed') {
      this.mark(run).catch((error: unknown) => this.log.error(String(error)));
    }
    this.tellOnce(run);
  }

  private tellOnce(run: ManagedRun): void {
    const { untold } = this;
    if (!untold.includes(run.run.runId)) return;
    this.remember(untold.filter((id) => id !== run.run.runId));
    const { problem, status } = run.state;
    if (status === 'interrupted') this.offerToResume(run);
    else if (status === 'failed' && problem?.download) this.offerDownload(run, problem.download);
    else if (status === 'failed' && problem) {
      this.log.error(
        `${run.run.runId}: ${problem.message}${run.stack === undefined ? '' : `\n${run.stack}`}`,
      );
      if (problem.code === 'internal-error') tellBug(this.log);
      else tellProblem(problem, this.log);
    }
  }

  private offerDownload(run: ManagedRun, download: WantedDownload): void {
    const goOn = async (): Promise<void> => {
      const { downloadFor } = await import('../downloads/run-downloads');
      const runs = await downloadFor(run, download, this.manager);
      if (runs.length > 0) this.expect(runs);
    };
    goOn().catch((error: unknown) => tellError(error, this.log));
  }

  private offerToResume(run: ManagedRun): void {
    const resume = vscode.l10n.t('Resume');
    const text = vscode.l10n.t(
      'The process of {0} ended without a last word. What it had learned up to its last checkpoint is kept.',
      runTitle(run.run),
    );
    void vscode.window
      .showWarningMessage(text, resume)
      .then((choice) => choice && vscode.commands.executeCommand('transferLab.resume', run));
  }

  /** Only the newest run of an experiment counts, and only while its file is as the run saw it. */
  private async mark(run: ManagedRun): Promise<void> {
    const { problem, lastEventMs } = run.state;
    if (!problem || this.manager.latest(run.run.file, run.run.experiment) !== run) return;
    const { file, line, column } = problem.location ?? { file: run.run.file, line: run.run.line };
    const stat = await fs.stat(file).catch(() => undefined);
    if (!stat || stat.mtimeMs > (lastEventMs ?? Date.now())) return;
    const range = new vscode.Range(
      Math.max(0, line - 1),
      Math.max(0, (column ?? 1) - 1),
      Math.max(0, line - 1),
      10_000,
    );
    const text = `${problem.message} ${problem.remedy}`;
    const diagnostic = new vscode.Diagnostic(range, text, vscode.DiagnosticSeverity.Error);
    diagnostic.source = 'Transfer Lab';
    diagnostic.code = problem.code;
    this.shown.set(experimentKey(run), { uri: vscode.Uri.file(file), diagnostic });
    this.publish();
  }

  /** What was said before is no longer true. */
  edited({ uri }: vscode.TextDocument): void {
    const gone = [...this.shown].filter(([, one]) => one.uri.toString() === uri.toString());
    for (const [key] of gone) this.shown.delete(key);
    if (gone.length > 0) this.publish();
  }

  private publish(): void {
    this.diagnostics.clear();
    for (const { uri, diagnostic } of this.shown.values()) {
      this.diagnostics.set(uri, [...(this.diagnostics.get(uri) ?? []), diagnostic]);
    }
  }

  private get untold(): readonly string[] {
    return this.memory.get<readonly string[]>(UNTOLD, []);
  }

  private remember(runIds: readonly string[]): void {
    void this.memory.update(UNTOLD, runIds.slice(-50));
  }

  dispose(): void {
    this.diagnostics.dispose();
  }
}

const experimentKey = ({ run }: ManagedRun): string => `${run.file}#${run.experiment}`;
