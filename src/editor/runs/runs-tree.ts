import * as vscode from 'vscode';
import type { RunStatus } from '../../protocol/run-state';
import { percent } from '../../protocol/percent';
import { bestAccuracy, progressText, runTitle, statusText } from '../labels';
import type { ManagedRun, RunManager } from './run-manager';

const ICONS: Record<RunStatus, readonly [icon: string, color?: string]> = {
  starting: ['loading~spin'],
  preparing: ['loading~spin'],
  training: ['loading~spin'],
  stopping: ['loading~spin'],
  finished: ['pass', 'testing.iconPassed'],
  stopped: ['debug-stop'],
  failed: ['error', 'testing.iconFailed'],
  interrupted: ['debug-disconnect', 'testing.iconQueued'],
};

export interface ComparisonNode {
  readonly comparisonId: string;
  readonly runs: readonly ManagedRun[];
}
export type RunNode = ManagedRun | ComparisonNode;

/** Runs of one comparison share a node; newest first. */
export class RunsTree implements vscode.TreeDataProvider<RunNode> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly manager: RunManager) {}

  refresh(): void {
    this.changed.fire();
  }

  getChildren(node?: RunNode): RunNode[] {
    if (node) return isComparison(node) ? [...node.runs] : [];
    const nodes = new Map<string, RunNode>();
    for (const run of this.manager.runs) {
      const id = run.run.comparisonId;
      if (id === undefined) nodes.set(run.run.runId, run);
      else if (!nodes.has(id)) {
        const runs = this.manager.runs.filter((other) => other.run.comparisonId === id).reverse();
        nodes.set(id, { comparisonId: id, runs });
      }
    }
    return [...nodes.values()];
  }

  getTreeItem(node: RunNode): vscode.TreeItem {
    return isComparison(node) ? comparisonItem(node) : runItem(node);
  }
}

function comparisonItem({ comparisonId, runs }: ComparisonNode): vscode.TreeItem {
  const title = vscode.l10n.t('Comparison of {0}', runs[0]?.run.experiment ?? '');
  const item = new vscode.TreeItem(title, vscode.TreeItemCollapsibleState.Expanded);
  const over = runs.filter(({ living }) => !living);
  const [best] = over
    .map(({ run, state }) => ({ name: run.strategy ?? '', accuracy: bestAccuracy(state) ?? -1 }))
    .sort((a, b) => b.accuracy - a.accuracy);
  const done = vscode.l10n.t('{0} of {1} done', over.length, runs.length);
  const winner =
    best && best.accuracy >= 0 ? vscode.l10n.t('best: {0} {1}', best.name, percent(best.accuracy)) : '';
  item.id = comparisonId;
  item.description = over.length < runs.length ? done : winner;
  item.tooltip = `${title}: ${item.description}`;
  item.iconPath = new vscode.ThemeIcon('graph-line');
  item.contextValue = 'comparison';
  return item;
}

function runItem(node: ManagedRun): vscode.TreeItem {
  const { run, state, living } = node;
  const item = new vscode.TreeItem(
    run.comparisonId === undefined ? runTitle(run) : (run.strategy ?? run.experiment),
  );
  const best = bestAccuracy(state);
  const silent = living && node.liveness === 'notAnswering' ? ` · ${vscode.l10n.t('not answering')}` : '';
  const [icon, color] = ICONS[state.status];
  item.id = run.runId;
  item.description = living
    ? `${progressText(state)}${silent}`
    : `${statusText(state.status)}${best === undefined ? '' : ` · ${percent(best)}`}`;
  item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
  item.contextValue = living ? 'run.live' : `run.${state.status}`;
  item.tooltip = `${runTitle(run)}: ${progressText(state)}${silent}\n${new Date(run.createdAt).toLocaleString()}`;
  item.command = { command: 'transferLab.metrics', title: vscode.l10n.t('Show metrics'), arguments: [node] };
  return item;
}

const isComparison = (node: RunNode): node is ComparisonNode => 'runs' in node;
