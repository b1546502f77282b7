import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { RUN_FILES } from '../../protocol/run-files';
import { isOver } from '../../protocol/run-state';
import { findExperiments } from '../../training/runs/find-experiments';
import { guarded, tell, trusted } from '../guard';
import { progressText, runTitle } from '../labels';
import type { MetricsPanels } from '../panels/metrics-panel';
import type { ManagedRun, RunManager } from './run-manager';

interface Target {
  readonly file: string;
  readonly experiment: string;
}

export function registerRunCommands(
  manager: RunManager,
  panels: MetricsPanels,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  const start = (begin: (target: Target) => Promise<ManagedRun | undefined>) => async (given: unknown) => {
    if (!trusted()) return;
    const target = isTarget(given) ? given : await currentExperiment();
    if (!target) return;
    const document = await vscode.workspace.openTextDocument(target.file);
    if (document.isDirty && !(await document.save()))
      return tell('The file could not be saved, so nothing was started.');
    const run = await begin(target);
    if (run && vscode.workspace.getConfiguration('transferLab').get('openMetrics', true))
      panels.show(run, true);
  };
  const choose = async (
    given: unknown,
    runs: ManagedRun[],
    none: string,
  ): Promise<ManagedRun | undefined> => {
    if (isRun(given)) return given;
    if (runs.length === 0) tell(none);
    if (runs.length < 2) return runs[0];
    const picks = runs.map((run) => ({
      label: runTitle(run.run),
      description: progressText(run.state),
      run,
    }));
    return (await vscode.window.showQuickPick(picks, { placeHolder: 'Which run?' }))?.run;
  };
  const none = 'There are no runs yet. Choose Fine-tune above an experiment.';
  return [
    guarded(
      log,
      'fineTune',
      start(({ file, experiment }) => manager.start(file, experiment)),
    ),
    guarded(
      log,
      'compare',
      start(async ({ file, experiment }) => (await manager.compare(file, experiment))[0]),
    ),
    guarded(log, 'stop', async (given) => {
      const run = await choose(given, manager.live, 'Nothing is running.');
      if (run) await manager.stop(run);
    }),
    guarded(log, 'resume', async (given) => {
      const stopped = manager.runs.filter(
        ({ state }) => state.status === 'interrupted' || state.status === 'stopped',
      );
      const run = trusted() ? await choose(given, stopped, 'No run is waiting to be resumed.') : undefined;
      if (run) await manager.resume(run);
    }),
    guarded(log, 'metrics', async (given) => {
      const run = await choose(given, manager.runs, none);
      if (run) panels.show(run, false);
    }),
    guarded(log, 'reveal', async (given) => {
      const run = await choose(given, manager.runs, none);
      if (run) await openAt(run.run.file, run.run.line);
    }),
    guarded(log, 'report', async (given) => {
      const run = await choose(given, manager.runs, none);
      if (!run) return;
      const report = path.join(run.directory, RUN_FILES.report);
      if (!fs.existsSync(report)) return tell('This run has no report: it is written when a run ends.');
      await vscode.env.openExternal(vscode.Uri.file(report));
    }),
    guarded(log, 'deleteRun', async (given) => {
      const over = manager.runs.filter(({ state }) => isOver(state));
      const run = await choose(given, over, 'There is no finished run to delete.');
      if (!run) return;
      if (!isOver(run.state)) return tell('This run is still going. Stop it first.');
      const question = `Move the run ${runTitle(run.run)} to the trash?`;
      if (!(await vscode.window.showWarningMessage(question, { modal: true }, 'Move to trash'))) return;
      await vscode.workspace.fs.delete(vscode.Uri.file(run.directory), { recursive: true, useTrash: true });
      manager.forget(run.directory);
    }),
    guarded(log, 'say', () => {
      const run = manager.live[0] ?? manager.runs[0];
      tell(run ? `${runTitle(run.run)}: ${progressText(run.state)}` : none);
    }),
  ];
}

/** The experiment at the cursor, else the file's only one, else the one that the learner picks. */
async function currentExperiment(): Promise<Target | undefined> {
  const editor = vscode.window.activeTextEditor;
  const found = editor ? findExperiments(editor.document.getText()) : [];
  if (!editor || found.length === 0) {
    tell('Open a file with an experiment first: export const name = experiment({ … }).');
    return undefined;
  }
  const file = editor.document.uri.fsPath;
  const cursor = editor.selection.active.line + 1;
  const above = found.filter(({ line }) => line <= cursor).at(-1);
  const chosen = found.length === 1 ? found[0] : above;
  const name =
    chosen?.name ??
    (await vscode.window.showQuickPick(
      found.map((one) => one.name),
      { placeHolder: 'Which experiment?' },
    ));
  return name === undefined ? undefined : { file, experiment: name };
}

export async function openAt(file: string, line: number): Promise<void> {
  const position = new vscode.Position(Math.max(0, line - 1), 0);
  await vscode.window.showTextDocument(vscode.Uri.file(file), {
    viewColumn: vscode.ViewColumn.One,
    selection: new vscode.Range(position, position),
  });
}

const isTarget = (value: unknown): value is Target =>
  typeof value === 'object' && value !== null && 'experiment' in value && 'file' in value;
const isRun = (value: unknown): value is ManagedRun =>
  typeof value === 'object' && value !== null && 'directory' in value && 'state' in value;
