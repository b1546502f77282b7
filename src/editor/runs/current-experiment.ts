import * as path from 'node:path';
import * as vscode from 'vscode';
import { openAt, tell } from '../guard';
import { EXPERIMENT_FILES, experimentsOf } from './experiments-of';

export interface ExperimentTarget {
  readonly file: string;
  readonly experiment: string;
}

/**
 * The experiment at the cursor, else the file's only one, else the one that the learner picks. Where the keyboard is
 * elsewhere, in the instructions or the metrics, the experiment file beside them counts.
 */
export async function currentExperiment(): Promise<ExperimentTarget | undefined> {
  const active = vscode.window.activeTextEditor;
  const editors = [...(active ? [active] : []), ...vscode.window.visibleTextEditors];
  const editor = editors.find(({ document }) => experimentsOf(document).length > 0);
  if (!editor) {
    tell(explanation(active?.document));
    return undefined;
  }
  const file = editor.document.uri.fsPath;
  const found = experimentsOf(editor.document);
  const cursor = editor.selection.active.line + 1;
  const chosen = found.length === 1 ? found[0] : found.filter(({ line }) => line <= cursor).at(-1);
  const name =
    chosen?.name ??
    (await vscode.window.showQuickPick(
      found.map((one) => one.name),
      { placeHolder: vscode.l10n.t('Which experiment?') },
    ));
  return name === undefined ? undefined : { file, experiment: name };
}

function explanation(document: vscode.TextDocument | undefined): string {
  const how = vscode.l10n.t(
    "An experiment is exported: export const name = experiment({ … }), with experiment from 'transfer-lab'.",
  );
  if (!document) return vscode.l10n.t('No file with an experiment is open. {0}', how);
  if (document.isUntitled)
    return vscode.l10n.t('Save this file first: an experiment runs from a file on the disk.');
  const name = path.basename(document.uri.fsPath);
  return vscode.languages.match(EXPERIMENT_FILES, document) === 0
    ? vscode.l10n.t('{0} is no TypeScript or JavaScript file, so it holds no experiment. {1}', name, how)
    : vscode.l10n.t('{0} exports no experiment. {1}', name, how);
}

export const isTarget = (value: unknown): value is ExperimentTarget =>
  typeof value === 'object' && value !== null && 'experiment' in value && 'file' in value;

/** The line where the experiment stands now; where it has gone, `otherwise`. */
export async function revealTarget({ file, experiment }: ExperimentTarget, otherwise = 1): Promise<void> {
  const document = await vscode.workspace.openTextDocument(file);
  const now = experimentsOf(document).find(({ name }) => name === experiment);
  await openAt({ file, line: now?.line ?? otherwise });
}

/** @returns whether everything that the run could read is on the disk */
export async function saveAll(file: string): Promise<boolean> {
  const unsaved = (): boolean =>
    vscode.workspace.textDocuments.some((document) => document.isDirty && document.uri.fsPath === file);
  // The experiment may import files that are open and changed, too.
  await vscode.workspace.saveAll(false);
  if (!unsaved()) return true;
  tell(vscode.l10n.t('{0} could not be saved, so nothing was started.', path.basename(file)));
  return false;
}
