import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';

const FOLDER = '.transfer-lab';
const NOTE = `# Transfer Lab

VS Code starts Transfer Lab by itself where it finds this folder. It may be deleted: it comes back with the next run.
`;

/**
 * Leaves `.transfer-lab/` in the workspace folder that a run or exercise lies below: it is the one fixed place that VS Code
 * looks for to start this extension with the window (see docs/decisions/0011-activation.md).
 */
export async function markWorkspace(inside: string): Promise<void> {
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(inside));
  if (!folder || !vscode.workspace.isTrusted) return;
  const marker = path.join(folder.uri.fsPath, FOLDER);
  const known = await fs.stat(marker).then(
    () => true,
    () => false,
  );
  if (known) return;
  await fs.mkdir(marker, { recursive: true });
  await fs.writeFile(path.join(marker, 'README.md'), NOTE);
}
