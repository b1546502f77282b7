import * as vscode from 'vscode';
import { LearnerError, type Problem, type SourceLocation } from '../protocol/errors';

/** What the learner was told, for whoever wants to know without reading the screen: tests, and other extensions. */
export interface Told {
  readonly kind: 'note' | 'problem' | 'bug';
  readonly text: string;
}
const said = new vscode.EventEmitter<Told>();
export const onDidTell = said.event;

/**
 * Registers a command that never fails mutely: a learner's mistake is one notification, a bug of ours goes to the log and
 * is said in one sentence. No notification is waited for, so a command ends when its work does.
 */
export function guarded(
  log: vscode.LogOutputChannel,
  name: string,
  run: (...args: unknown[]) => Promise<void> | void,
): vscode.Disposable {
  return vscode.commands.registerCommand(`transferLab.${name}`, async (...args: unknown[]) => {
    try {
      await run(...args);
    } catch (error) {
      tellError(error, log);
    }
  });
}

export function tellError(error: unknown, log: vscode.LogOutputChannel): void {
  log.error(error instanceof Error ? error : String(error));
  if (error instanceof LearnerError) tellProblem(error.problem, log);
  else tellBug(log);
}

/** A token of one's account may help. */
export const needsToken = (code: string): boolean => code === 'hub-unauthorized' || code === 'hub-forbidden';

/** What was found and what to do, with the way to the place. */
export function tellProblem(
  { code, message, remedy, location }: Problem,
  log: vscode.LogOutputChannel,
): void {
  const open = vscode.l10n.t('Open');
  const showLog = vscode.l10n.t('Show log');
  const setToken = vscode.l10n.t('Set token…');
  const actions = [...(needsToken(code) ? [setToken] : []), ...(location ? [open] : []), showLog];
  said.fire({ kind: 'problem', text: `${message} ${remedy}` });
  void vscode.window.showErrorMessage(`${message} ${remedy}`, ...actions).then((choice) => {
    if (choice === open && location) return openAt(location);
    if (choice === setToken) return vscode.commands.executeCommand('transferLab.setToken');
    if (choice === showLog) log.show();
    return undefined;
  });
}

export function tellBug(log: vscode.LogOutputChannel): void {
  const showLog = vscode.l10n.t('Show log');
  const text = vscode.l10n.t('Transfer Lab met an error of its own. The log has its details.');
  said.fire({ kind: 'bug', text });
  void vscode.window.showErrorMessage(text, showLog).then((choice) => choice && log.show());
}

/** Nothing runs in a folder that is not trusted. */
export function trusted(): boolean {
  if (vscode.workspace.isTrusted) return true;
  const manage = vscode.l10n.t('Manage trust');
  const text = vscode.l10n.t('This folder is in Restricted Mode, so Transfer Lab runs nothing here.');
  said.fire({ kind: 'note', text });
  void vscode.window
    .showWarningMessage(text, manage)
    .then((choice) => choice && vscode.commands.executeCommand('workbench.trust.manage'));
  return false;
}

export function tell(
  text: string,
  ...actions: readonly { readonly title: string; readonly run: () => unknown }[]
): void {
  said.fire({ kind: 'note', text });
  void vscode.window
    .showInformationMessage(text, ...actions.map(({ title }) => title))
    .then((choice) => actions.find(({ title }) => title === choice)?.run());
}

export async function openAt({ file, line, column }: SourceLocation): Promise<void> {
  const position = new vscode.Position(Math.max(0, line - 1), Math.max(0, (column ?? 1) - 1));
  await vscode.window.showTextDocument(vscode.Uri.file(file), {
    viewColumn: vscode.ViewColumn.One,
    selection: new vscode.Range(position, position),
  });
}
