import * as vscode from 'vscode';
import { guarded, tell, trusted } from '../guard';
import { Joined } from '../joined';
import { progressText, runTitle } from '../labels';
import type { DataPanel } from '../panels/data-panel';
import type { ExperimentView } from '../panels/experiment-view';
import type { MetricsPanels } from '../panels/metrics-panel';
import type { PlanPanel } from '../panels/plan-panel';
import type { TryPicture } from '../try-picture/try-picture';
import {
  currentExperiment,
  isTarget,
  revealTarget,
  saveAll,
  type ExperimentTarget,
} from './current-experiment';
import type { ManagedRun, RunManager } from './run-manager';
import type { RunProblems } from './run-problems';

interface Parts {
  /** Folder of the extension. */
  readonly root: string;
  readonly manager: RunManager;
  readonly panels: MetricsPanels;
  readonly plan: ExperimentView<PlanPanel>;
  readonly data: ExperimentView<DataPanel>;
  readonly tryPicture: TryPicture;
  readonly problems: RunProblems;
  readonly log: vscode.LogOutputChannel;
}

export function registerRunCommands({
  root,
  manager,
  panels,
  plan,
  data,
  tryPicture,
  problems,
  log,
}: Parts): vscode.Disposable[] {
  const none = (): string => vscode.l10n.t('There are no runs yet. Choose Fine-tune above an experiment.');
  const on = (name: string, run: (given: unknown) => Promise<void> | void): vscode.Disposable =>
    guarded(log, name, run);

  // Starting takes a moment, in which a second click must not start a second run.
  const joined = new Joined();

  const start =
    (begin: (target: ExperimentTarget) => Promise<readonly ManagedRun[]>) =>
    async (given: unknown): Promise<void> => {
      if (!trusted()) return;
      const target = isTarget(given) ? given : await currentExperiment();
      if (!target) return;
      const { file, experiment } = target;
      await joined.do(`start ${experiment} of ${file}`, async () => {
        if (!(await saveAll(file))) return;
        const living = manager.latest(file, experiment);
        if (living?.living) {
          tell(
            vscode.l10n.t('{0} is training already: {1}.', runTitle(living.run), progressText(living.state)),
          );
          return panels.show(living, true);
        }
        const runs = await begin(target);
        problems.expect(runs);
        if (runs[0] && vscode.workspace.getConfiguration('transferLab').get('openMetrics', true))
          panels.show(runs[0], true);
      });
    };

  /** What reads the experiment as it stands in the editor, and starts no run. */
  const beside =
    (view: Pick<ExperimentView<PlanPanel | DataPanel>, 'show'>) =>
    async (given: unknown): Promise<void> => {
      if (!trusted()) return;
      const target = isTarget(given) ? given : await currentExperiment();
      if (target) await view.show(target);
    };

  /** The run that was clicked, else the only one that fits, else the learner's choice. */
  const choose = async (
    given: unknown,
    fitting: readonly ManagedRun[],
    explanation: string,
  ): Promise<ManagedRun | undefined> => {
    if (hasDirectory(given)) return manager.adopt(given.directory);
    if (fitting.length === 0) tell(explanation);
    if (fitting.length < 2) return fitting[0];
    const picks = fitting.map((run) => ({
      label: runTitle(run.run),
      description: progressText(run.state),
      detail: new Date(run.run.createdAt).toLocaleString(),
      run,
    }));
    const placeHolder = vscode.l10n.t('Which run?');
    return (await vscode.window.showQuickPick(picks, { placeHolder }))?.run;
  };

  return [
    on(
      'fineTune',
      start(async ({ file, experiment }) => [await manager.start(file, experiment)]),
    ),
    on(
      'compare',
      start(({ file, experiment }) => manager.compare(file, experiment)),
    ),
    on('showFreezeMap', beside(plan)),
    on('showData', beside(data)),
    on('stop', async (given) => {
      const run = await choose(given, manager.live, vscode.l10n.t('Nothing is running.'));
      const outcome = run ? await manager.stop(run) : undefined;
      if (outcome === 'notAnswering')
        tell(vscode.l10n.t('The run is busy and does not answer yet. It stops as soon as it does.'));
      if (outcome === 'notRunning') tell(vscode.l10n.t('This run is not running any more.'));
    }),
    on('resume', async (given) => {
      if (!trusted()) return;
      const waiting = manager.runs.filter(({ state }) => ['interrupted', 'stopped'].includes(state.status));
      const run = await choose(given, waiting, vscode.l10n.t('No run is waiting to be resumed.'));
      if (!run) return;
      await joined.do(`resume ${run.directory}`, async () => problems.expect([await manager.resume(run)]));
    }),
    on('metrics', async (given) => {
      const fitting = manager.live.length === 1 ? manager.live : manager.runs;
      const run = await choose(given, fitting, none());
      if (run) panels.show(run, false);
    }),
    on('reveal', async (given) => {
      const run = await choose(given, manager.runs, none());
      if (run) await revealTarget(run.run, run.run.line);
    }),
    on('tryPicture', async (given) => {
      if (!trusted()) return;
      const over = manager.runs.filter(({ state }) => ['finished', 'stopped'].includes(state.status));
      const none = vscode.l10n.t('No run is finished or stopped yet, so there is no network to try.');
      const run = await choose(given, over, none);
      if (!run) return;
      const tried = { directory: run.directory, title: runTitle(run.run) };
      const { readsTexts, trySentence } = await import('../try-picture/try-sentence');
      if (await readsTexts(run.directory)) await trySentence(root, tried, log);
      else await tryPicture.open(tried);
    }),
    on('report', async (given) => {
      if (!trusted()) return;
      const over = manager.runs.filter(({ living }) => !living);
      const run = await choose(given, over, vscode.l10n.t('No run is over yet, so there is no report.'));
      if (!run) return;
      const { openReport } = await import('./open-report');
      await openReport(root, run, manager, log);
    }),
    on('deleteRun', async (given) => {
      const over = manager.runs.filter(({ living }) => !living);
      const run = await choose(given, over, vscode.l10n.t('There is no finished run to delete.'));
      if (!run) return;
      const { deleteRun } = await import('./delete-run');
      await deleteRun(run, manager);
    }),
    on('say', () => {
      const run = manager.live[0] ?? manager.runs[0];
      tell(run ? `${runTitle(run.run)}: ${progressText(run.state)}` : none());
    }),
  ];
}

const hasDirectory = (value: unknown): value is { readonly directory: string } =>
  typeof value === 'object' && value !== null && 'directory' in value && typeof value.directory === 'string';
