import * as vscode from 'vscode';
import type { Row } from './rows-tree';

interface Refusal {
  readonly reason: string;
  readonly remedy: string;
}

/** What "transfer-lab doctor" found, in sentences: on what this computer trains, how fast, and what was refused and why. */
export function deviceRows(report: unknown): Row[] {
  const { text, threads, stepMs, node, nodePath, refused } = report as Record<string, unknown>;
  const rows: (Row | undefined)[] = [
    isText(text) && {
      label: vscode.l10n.t('Trains on'),
      description: text,
      icon: 'chip',
      ...(typeof threads === 'number' ? { tooltip: vscode.l10n.t('{0}. Threads: {1}.', text, threads) } : {}),
    },
    typeof stepMs === 'number' && {
      label: vscode.l10n.t('Measured'),
      description: vscode.l10n.t('{0} ms per probe step', stepMs.toFixed(1)),
      tooltip: vscode.l10n.t(
        'The median of a few training steps of one small convolution on 16 pictures. A real step takes longer; the metrics of a run show its own ms per step.',
      ),
      icon: 'dashboard',
    },
    isText(node) && {
      label: 'Node.js',
      description: node,
      tooltip: isText(nodePath) ? `${node}\n${nodePath}` : node,
      icon: 'terminal',
      command: {
        command: 'workbench.action.openSettings',
        title: vscode.l10n.t('Choose another Node.js'),
        arguments: ['transferLab.nodePath'],
      },
    },
    ...refusals(refused).map(refusedRow),
  ].map((row) => (row === false ? undefined : row));
  return rows.filter((row) => row !== undefined);
}

function refusedRow({ reason, remedy }: Refusal): Row {
  return {
    label: vscode.l10n.t('Not used'),
    description: reason,
    tooltip: `${reason}\n${remedy}`,
    icon: 'circle-slash',
    rows: [{ label: vscode.l10n.t('To change that'), description: remedy, icon: 'lightbulb' }],
  };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && 'reason' in value && 'remedy' in value;
/** One refusal, several, or none. */
const refusals = (value: unknown): Refusal[] => (Array.isArray(value) ? value : [value]).filter(isRefusal);
