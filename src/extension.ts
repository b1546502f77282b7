import * as vscode from 'vscode';
import { Discovery } from './editor/discovery';
import { registerTokenCommands } from './editor/downloads/commands';
import { registerExerciseCommands } from './editor/exercises/commands';
import { ExercisesTree } from './editor/exercises/exercises-tree';
import { guarded, onDidTell, tellProblem, type Told } from './editor/guard';
import { Instructions } from './editor/instructions/instructions';
import { translateLabels } from './editor/labels';
import type { DataPanel } from './editor/panels/data-panel';
import { dataView, planView, type ExperimentView } from './editor/panels/experiment-view';
import { MetricsPanels } from './editor/panels/metrics-panel';
import type { PlanPanel } from './editor/panels/plan-panel';
import { registerRateCommands } from './editor/rates/commands';
import { Rates } from './editor/rates/rates';
import { registerRunCommands } from './editor/runs/commands';
import { EXPERIMENT_FILES } from './editor/runs/experiments-of';
import { RunManager } from './editor/runs/run-manager';
import { RunProblems } from './editor/runs/run-problems';
import { RunViews } from './editor/runs/run-views';
import { TryPicture } from './editor/try-picture/try-picture';
import { registerViews } from './editor/views/commands';

/** What other extensions, and our tests, can look at. */
export interface Api {
  readonly manager: RunManager;
  readonly views: RunViews;
  readonly rates: Rates;
  readonly data: ExperimentView<DataPanel>;
  readonly plan: ExperimentView<PlanPanel>;
  readonly tryPicture: TryPicture;
  readonly onDidTell: vscode.Event<Told>;
  /** Milliseconds that activate() took in this window. */
  readonly activateMs: number;
}

/** Builds the objects and registers them. Whatever is heavy loads when it is first used. */
export function activate(context: vscode.ExtensionContext): Api {
  const began = performance.now();
  translateLabels(vscode.l10n.t);
  const root = context.extensionPath;
  const log = vscode.window.createOutputChannel('Transfer Lab', { log: true });
  const manager = new RunManager(context, log);
  const problems = new RunProblems(manager, context.workspaceState, log);
  const views = new RunViews(manager, problems);
  const panels = new MetricsPanels(manager, context.extensionUri);
  const plan = planView(root, log);
  const data = dataView(root, log);
  const rates = new Rates({
    root: context.extensionUri,
    launcher: (download) => manager.launcher(download),
    report: (error) => log.error(error instanceof Error ? error : String(error)),
    tell: (problem) => tellProblem(problem, log),
  });
  const tryPicture = new TryPicture(context.extensionUri, log);
  const exercisesChanged = new vscode.EventEmitter<void>();
  const refreshExercises = (): void => exercisesChanged.fire();
  const exercises = new ExercisesTree(root, exercisesChanged.event);
  const instructions = new Instructions(context.extensionUri, exercises, log);
  const checks = vscode.languages.createDiagnosticCollection('transferLab.checks');
  const discovery = new Discovery(root, manager, refreshExercises, log);

  context.subscriptions.push(
    ...[
      log,
      manager,
      problems,
      views,
      panels,
      plan,
      data,
      rates,
      tryPicture,
      instructions,
      exercisesChanged,
      checks,
      discovery,
    ],
    manager.onDidChange((news) => news && panels.news(news)),
    vscode.window.registerWebviewPanelSerializer('transferLab.metrics', panels),
    vscode.window.registerWebviewPanelSerializer('transferLab.instructions', instructions),
    vscode.window.registerWebviewPanelSerializer('transferLab.learningRate', rates),
    vscode.window.registerWebviewPanelSerializer('transferLab.tryPicture', tryPicture),
    vscode.window.createTreeView('transferLab.exercises', { treeDataProvider: exercises }),
    vscode.workspace.onDidChangeTextDocument(
      ({ document, contentChanges }) => contentChanges.length > 0 && checks.delete(document.uri),
    ),
    vscode.languages.registerCodeActionsProvider([...EXPERIMENT_FILES], {
      async provideCodeActions(...args) {
        return (await import('./editor/exercises/check-diagnostics')).hintAction.provideCodeActions(...args);
      },
    }),
    ...registerRunCommands({ root, manager, panels, plan, data, tryPicture, problems, log }),
    ...registerRateCommands(rates, log),
    ...registerExerciseCommands(root, exercises, instructions, checks, refreshExercises, log),
    ...registerViews(context, manager, log),
    ...registerTokenCommands(context, log),
    guarded(log, 'refresh', async () => {
      refreshExercises();
      await manager.discover();
    }),
  );
  discovery.look();
  return { manager, views, rates, data, plan, tryPicture, onDidTell, activateMs: performance.now() - began };
}
