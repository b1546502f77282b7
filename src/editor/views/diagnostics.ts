import * as os from 'node:os';
import * as vscode from 'vscode';
import { toProblem } from '../../protocol/errors';
import type { RunManager } from '../runs/run-manager';
import { scrub, type SecretPath } from './scrub';

/** What a report of a bug needs, for the clipboard: versions, settings, the device, how runs ended. No names, no code, no data. */
export async function diagnosticsText(
  extension: vscode.ExtensionContext,
  manager: RunManager,
  doctor: () => Promise<unknown>,
): Promise<string> {
  const { version } = extension.extension.packageJSON as { version: unknown };
  const device = vscode.workspace.isTrusted
    ? await doctor().catch((error: unknown) => ({ problem: toProblem(error) }))
    : 'not looked at: the folder is not trusted';
  const settings = vscode.workspace.getConfiguration('transferLab');
  const text = JSON.stringify(
    {
      transferLab: version,
      editor: `${vscode.env.appName} ${vscode.version}`,
      remote: vscode.env.remoteName ?? 'none',
      system: `${process.platform} ${process.arch} ${os.release()}`,
      hostNode: process.version,
      settings: {
        nodePath: settings.get('nodePath'),
        inlineProgress: settings.get('inlineProgress'),
        openMetrics: settings.get('openMetrics'),
      },
      device,
      runs: manager.runs.slice(0, 10).map(({ run, state }) => ({
        createdAt: run.createdAt,
        transferLab: run.versions.transferLab,
        status: state.status,
        problem: state.problem && { code: state.problem.code, message: state.problem.message },
      })),
    },
    undefined,
    2,
  );
  return scrub(text, secretPaths(extension), os.userInfo().username);
}

function secretPaths(extension: vscode.ExtensionContext): SecretPath[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return [
    { path: os.homedir(), name: '~' },
    { path: extension.extensionPath, name: '<extension>' },
    { path: os.tmpdir(), name: '<temporary>' },
    ...folders.map(({ uri }, index) => ({
      path: uri.fsPath,
      name: `<workspace${index === 0 ? '' : index + 1}>`,
    })),
  ];
}
