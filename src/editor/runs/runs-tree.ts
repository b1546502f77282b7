import * as vscode from 'vscode';
import { isOver } from '../../protocol/run-state';
import { bestAccuracy, percent, progressText, runTitle } from '../labels';
import type { ManagedRun, RunManager } from './run-manager';

const ICONS = {
  starting: 'loading~spin',
  preparing: 'loading~spin',
  training: 'loading~spin',
  stopping: 'loading~spin',
  finished: 'pass',
  stopped: 'debug-stop',
  failed: 'error',
  interrupted: 'debug-disconnect',
} as const;

export interface ComparisonNode {
  readonly comparisonId: string;
  readonly runs: readonly ManagedRun[];
}
export type RunNode = ManagedRun | ComparisonNode;

/** Runs of one comparison share a node; newest first. */
export class RunsTree implements vscode.TreeDataProvider<RunNode> {
  constructor(
    private readonly manager: RunManager,
    readonly onDidChangeTreeData: vscode.Event<void>,
  ) {}

  getChildren(node?: RunNode): RunNode[] {
    if (node) return 'runs' in node ? [...node.runs] : [];
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
    if ('runs' in node) {
      const item = new vscode.TreeItem(
        `Comparison of ${node.runs[0]?.run.experiment ?? ''}`,
        vscode.TreeItemCollapsibleState.Expanded,
      );
      item.id = node.comparisonId;
      item.iconPath = new vscode.ThemeIcon('graph-line');
      item.contextValue = 'comparison';
      return item;
    }
    const item = new vscode.TreeItem(runTitle(node.run));
    const best = bestAccuracy(node.state);
    item.id = node.run.runId;
    item.description = isOver(node.state)
      ? `${node.state.status}${best === undefined ? '' : ` · ${percent(best)}`}`
      : progressText(node.state);
    item.iconPath = new vscode.ThemeIcon(ICONS[node.state.status]);
    item.contextValue = isOver(node.state) ? `run.${node.state.status}` : 'run.live';
    item.tooltip = `${runTitle(node.run)}: ${progressText(node.state)}`;
    item.command = { command: 'transferLab.metrics', title: 'Show metrics', arguments: [node] };
    return item;
  }
}
