import * as vscode from 'vscode';
import { guarded, tell, trusted } from '../guard';
import type { RunManager } from '../runs/run-manager';
import { RowsTree } from './rows-tree';

/** The Models and Device views, and what is asked about this computer. */
export function registerViews(
  context: vscode.ExtensionContext,
  manager: RunManager,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  const root = context.extensionPath;
  const device = new RowsTree(() => Promise.resolve([]));
  const doctor = async (): Promise<unknown> => {
    const location = { viewId: 'transferLab.device' };
    const [{ runCli }, { deviceRows }] = await Promise.all([import('../cli-process'), import('./device')]);
    const report = await vscode.window.withProgress({ location }, () =>
      runCli(root, ['doctor', '--json'], log),
    );
    device.replace(deviceRows(report));
    return report;
  };
  return [
    vscode.window.registerTreeDataProvider(
      'transferLab.models',
      new RowsTree(async () => (await import('./models')).embeddedModels(root)),
    ),
    vscode.window.registerTreeDataProvider('transferLab.device', device),
    guarded(log, 'doctor', async () => {
      if (!trusted()) return;
      await vscode.commands.executeCommand('transferLab.device.focus');
      await doctor();
    }),
    guarded(log, 'diagnostics', async () => {
      const { diagnosticsText } = await import('./diagnostics');
      await vscode.env.clipboard.writeText(await diagnosticsText(context, manager, doctor));
      tell(vscode.l10n.t('Diagnostics are on the clipboard, without your name and your paths.'));
    }),
  ];
}
