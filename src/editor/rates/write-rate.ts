import * as path from 'node:path';
import { Worker } from 'node:worker_threads';
import * as vscode from 'vscode';
import { tell } from '../guard';
import type { RatePlan, RateRefusal } from './rate-edit';
import type { RateEditRequest } from './rate-edit-worker';

/**
 * Writes a learning rate into the strategy of one experiment, as an edit that Undo takes back. Where the code does not
 * hold a number there, it is left alone: the reason is told, and the rate can be copied.
 */
export async function writeRate(
  root: string,
  file: string,
  experiment: string,
  learningRate: number,
): Promise<void> {
  const document = await vscode.workspace.openTextDocument(file);
  const { version } = document;
  const plan = await planIn(root, { source: document.getText(), experiment, learningRate });
  if (document.version !== version) return writeRate(root, file, experiment, learningRate);
  if (plan.kind === 'refused') return refuse(document, experiment, learningRate, plan);
  const { start, end, text } = plan.edit;
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), text);
  if (!(await vscode.workspace.applyEdit(edit))) {
    return tell(vscode.l10n.t('{0} could not be changed.', path.basename(file)));
  }
  await select(document, start, start + text.length);
  tell(
    vscode.l10n.t('learningRate of {0} is now {1}. Undo takes it back.', experiment, String(learningRate)),
  );
}

function refuse(
  document: vscode.TextDocument,
  experiment: string,
  learningRate: number,
  { reason, offset }: RatePlan & { kind: 'refused' },
): void {
  tell(
    `${refusalText(reason, experiment)} ${vscode.l10n.t('Nothing was changed.')}`,
    {
      title: vscode.l10n.t('Copy {0}', String(learningRate)),
      run: () => vscode.env.clipboard.writeText(String(learningRate)),
    },
    { title: vscode.l10n.t('Show the line'), run: () => select(document, offset, offset) },
  );
}

function refusalText(reason: RateRefusal, experiment: string): string {
  switch (reason) {
    case 'not-found':
      return vscode.l10n.t('{0} is not in the file any more.', experiment);
    case 'made-by-a-function':
      return vscode.l10n.t(
        'A function of your own makes {0} or its strategy, so where its learning rate belongs is yours to say.',
        experiment,
      );
    case 'options-not-literal':
    case 'strategy-not-literal':
    case 'strategy-options-not-literal':
      return vscode.l10n.t(
        'The strategy of {0} is not written out where it is used, so where its learning rate belongs is yours to say.',
        experiment,
      );
    case 'rate-not-a-number':
      return vscode.l10n.t(
        'learningRate of {0} is no number in the code, but an expression or a name.',
        experiment,
      );
    case 'shared':
      return vscode.l10n.t(
        '{0} shares its strategy, or a part of it, with other code, which a new learning rate would change too.',
        experiment,
      );
  }
}

async function select(document: vscode.TextDocument, start: number, end: number): Promise<void> {
  await vscode.window.showTextDocument(document, {
    viewColumn: vscode.ViewColumn.One,
    selection: new vscode.Range(document.positionAt(start), document.positionAt(end)),
  });
}

function planIn(root: string, request: RateEditRequest): Promise<RatePlan> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(path.join(root, 'dist', 'rate-edit.js'), { workerData: request });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('The search for the learning rate ended without an answer.')));
  });
}
