import * as vscode from 'vscode';
import { runCli } from './editor/cli-process';
import { registerExerciseCommands } from './editor/exercises/commands';
import { ExercisesTree } from './editor/exercises/exercises-tree';
import { guarded, tell, trusted } from './editor/guard';
import { progressText, runTitle } from './editor/labels';
import { MetricsPanels } from './editor/panels/metrics-panel';
import { registerRunCommands } from './editor/runs/commands';
import { ExperimentLens } from './editor/runs/experiment-lens';
import { InlineProgress } from './editor/runs/inline-progress';
import { RunManager } from './editor/runs/run-manager';
import { RunsTree } from './editor/runs/runs-tree';
import { doctorRows, embeddedModels, RowsTree } from './editor/views';

const LANGUAGES = ['typescript', 'javascript'].map((language) => ({ language, scheme: 'file' }));
const REDRAW_MS = 250;

/** Builds the objects and registers them. Whatever is heavy loads when it is first used. */
export function activate(context: vscode.ExtensionContext): void {
  const root = context.extensionPath;
  const log = vscode.window.createOutputChannel('Transfer Lab', { log: true });
  const runsChanged = new vscode.EventEmitter<void>();
  const lensesChanged = new vscode.EventEmitter<void>();
  const exercisesChanged = new vscode.EventEmitter<void>();
  const manager = new RunManager(context, log);
  const panels = new MetricsPanels(manager, context.extensionUri);
  const inline = new InlineProgress(manager);
  const exercises = new ExercisesTree(root, exercisesChanged.event);
  const models = new RowsTree(() => embeddedModels(root));
  const device = new RowsTree(() => Promise.resolve([]));
  const diagnostics = vscode.languages.createDiagnosticCollection('transferLab.checks');
  const status = vscode.window.createStatusBarItem('transferLab.status', vscode.StatusBarAlignment.Left, 10);
  status.name = 'Transfer Lab';
  status.command = 'transferLab.metrics';

  let timer: NodeJS.Timeout | undefined;
  let livingBefore = '';
  const draw = (): void => {
    timer = undefined;
    runsChanged.fire();
    inline.draw();
    inline.showProblems();
    const run = manager.live[0];
    if (run) {
      const text = `${runTitle(run.run)}: ${progressText(run.state)}`;
      status.text = `$(loading~spin) ${text}`;
      status.accessibilityInformation = { label: `Transfer Lab, ${text}` };
      status.show();
    } else status.hide();
    const living = manager.live.map((one) => one.directory).join();
    if (living !== livingBefore) lensesChanged.fire();
    livingBefore = living;
  };
  const later = (): void => void (timer ??= setTimeout(draw, REDRAW_MS));
  const updateContext = (): void => {
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    const has = text.includes('transfer-lab') && text.includes('experiment(');
    void vscode.commands.executeCommand('setContext', 'transferLab.hasExperiments', has);
  };
  const discover = (): void =>
    void manager.discover().then(later, (error: unknown) => log.error(String(error)));
  const doctor = async (): Promise<unknown> => {
    const report = await runCli(root, ['doctor', '--json'], log);
    device.replace(doctorRows(report));
    return report;
  };

  context.subscriptions.push(
    log,
    manager,
    panels,
    inline,
    status,
    diagnostics,
    { dispose: () => clearTimeout(timer) },
    vscode.window.createTreeView('transferLab.exercises', { treeDataProvider: exercises }),
    vscode.window.createTreeView('transferLab.runs', {
      treeDataProvider: new RunsTree(manager, runsChanged.event),
    }),
    vscode.window.registerTreeDataProvider('transferLab.models', models),
    vscode.window.registerTreeDataProvider('transferLab.device', device),
    vscode.window.registerWebviewPanelSerializer('transferLab.metrics', panels),
    vscode.languages.registerCodeLensProvider(LANGUAGES, new ExperimentLens(manager, lensesChanged.event)),
    vscode.languages.registerCodeActionsProvider(LANGUAGES, {
      async provideCodeActions(...args) {
        return (await import('./editor/exercises/check-diagnostics')).hintAction.provideCodeActions(...args);
      },
    }),
    manager.onDidChange((news) => {
      if (news) panels.news(news);
      later();
    }),
    vscode.window.onDidChangeVisibleTextEditors(later),
    vscode.window.onDidChangeActiveTextEditor(updateContext),
    vscode.workspace.onDidChangeWorkspaceFolders(discover),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length === 0 || document.uri.scheme !== 'file') return;
      inline.edited(document);
      diagnostics.delete(document.uri);
      setTimeout(later, 900);
    }),
    ...registerRunCommands(manager, panels, log),
    ...registerExerciseCommands(root, exercises, diagnostics, () => exercisesChanged.fire(), log),
    guarded(log, 'refresh', () => {
      exercisesChanged.fire();
      discover();
    }),
    guarded(log, 'doctor', async () => {
      if (!trusted()) return;
      await doctor();
      await vscode.commands.executeCommand('transferLab.device.focus');
    }),
    guarded(log, 'diagnostics', async () => {
      if (!trusted()) return;
      const home = process.env['HOME'] ?? process.env['USERPROFILE'] ?? '';
      const text = JSON.stringify({ vscode: vscode.version, doctor: await doctor() }, null, 2);
      await vscode.env.clipboard.writeText(home === '' ? text : text.replaceAll(home, '~'));
      tell('Diagnostics are on the clipboard.');
    }),
  );
  updateContext();
  setTimeout(discover, 0);
}
