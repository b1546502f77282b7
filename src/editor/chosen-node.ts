import * as vscode from 'vscode';
import { LearnerError } from '../protocol/errors';
import type { NodeChoice } from '../training/runs';

let found: { readonly setting: string; readonly node: NodeChoice } | undefined;

/**
 * The Node.js that trains: setting, then PATH, then the editor's own. Everything that starts a process asks here, so nothing
 * is started in a folder that is not trusted, whatever way led to it.
 * @throws {LearnerError} 'not-trusted', 'node-not-found', 'node-not-usable'
 */
export async function chosenNode(log: vscode.LogOutputChannel): Promise<NodeChoice> {
  if (!vscode.workspace.isTrusted) {
    throw new LearnerError({
      code: 'not-trusted',
      message: vscode.l10n.t('This folder is in Restricted Mode, so Transfer Lab runs nothing here.'),
      remedy: vscode.l10n.t('Trust the folder first.'),
    });
  }
  const setting = vscode.workspace.getConfiguration('transferLab').get('nodePath', '').trim();
  if (found?.setting === setting) return found.node;
  const { findNode } = await import('../training/runs');
  const node = await findNode({ editor: process.execPath, ...(setting === '' ? {} : { setting }) });
  log.info(`Node.js ${node.version} at ${node.path} (${node.origin})`);
  found = { setting, node };
  return node;
}

/** Of a child process; a debugger's options are meant for this one. */
export function environmentFor({ asElectron }: NodeChoice): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  delete env['NODE_OPTIONS'];
  if (asElectron) env['ELECTRON_RUN_AS_NODE'] = '1';
  return env;
}
