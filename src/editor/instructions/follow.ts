import * as path from 'node:path';
import * as vscode from 'vscode';
import { entryIn, showHint } from '../../course';
import { assertNever } from '../../protocol/assert-never';
import { LearnerError } from '../../protocol/errors';
import type { InstructionAction } from '../../protocol/instructions';
import type { ExerciseNode } from '../exercises/exercises-tree';
import { trusted } from '../guard';
import { experimentsOf } from '../runs/experiments-of';
import { pathInside } from './links';
import { taskLine } from './task-line';

export type Started = ExerciseNode & { readonly folder: string };

/** Does what a link of the instructions says. What runs something shows its code first, so that a learner sees where it stands. */
export async function follow(
  action: InstructionAction,
  { folder, exercise, progress }: Started,
  root: string,
  column: vscode.ViewColumn,
): Promise<void> {
  const run = (command: string, argument: unknown): Thenable<unknown> =>
    vscode.commands.executeCommand(`transferLab.${command}`, argument);
  const document = async (): Promise<vscode.TextDocument> =>
    vscode.workspace.openTextDocument(path.join(folder, await entryIn(folder, exercise)));
  switch (action.action) {
    case 'fineTune':
    case 'compare': {
      if (!trusted()) return;
      const code = await document();
      const found = experimentsOf(code).find(({ name }) => name === action.experiment);
      if (!found) throw noExperiment(path.basename(code.fileName), action.experiment);
      await showLine(code, found.line, column);
      await run(action.action, { file: code.fileName, experiment: action.experiment });
      return;
    }
    case 'openTask': {
      const text = exercise.tasks.find(({ id }) => id === action.task)?.file;
      if (text !== undefined) return openExerciseFile(folder, text, undefined, column);
      const code = await document();
      await showLine(code, taskLine(code.getText(), exercise, progress, action.task), column);
      return;
    }
    case 'hint':
      await showHint(root, folder, action.task); // The view shows it under its task.
      return;
    case 'check':
      await run('check', { folder });
      return;
    case 'handIn':
      await run('handIn', { folder });
      return;
    case 'solution':
      await vscode.window.showTextDocument(await document(), { viewColumn: column });
      await run('solution', { folder });
      return;
    default:
      assertNever(action);
  }
}

/** A file or folder of the exercise. @throws {LearnerError} 'file-not-found' */
export async function openExerciseFile(
  folder: string,
  name: string,
  line: number | undefined,
  column: vscode.ViewColumn,
): Promise<void> {
  const inside = pathInside(encodeURI(name));
  const uri = vscode.Uri.file(path.join(folder, inside ?? ''));
  const stat =
    inside === undefined ? undefined : await vscode.workspace.fs.stat(uri).then(undefined, () => undefined);
  if (!stat) {
    throw new LearnerError({
      code: 'file-not-found',
      message: vscode.l10n.t('{0} is not in the folder of this exercise.', name),
      remedy: vscode.l10n.t('Look for it in the Explorer; it may have been moved or renamed.'),
    });
  }
  if (stat.type & vscode.FileType.Directory) {
    await vscode.commands.executeCommand('revealInExplorer', uri);
    return;
  }
  const at = line === undefined ? {} : { selection: new vscode.Range(line - 1, 0, line - 1, 0) };
  await vscode.commands.executeCommand('vscode.open', uri, { viewColumn: column, ...at });
}

async function showLine(
  document: vscode.TextDocument,
  line: number | undefined,
  column: vscode.ViewColumn,
): Promise<void> {
  const shown = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
  const editor = await vscode.window.showTextDocument(document, {
    viewColumn: shown?.viewColumn ?? column,
    preview: false,
  });
  if (line === undefined) return;
  const start = new vscode.Position(line - 1, 0);
  editor.selection = new vscode.Selection(start, start);
  editor.revealRange(new vscode.Range(start, start), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

const noExperiment = (file: string, experiment: string): LearnerError =>
  new LearnerError({
    code: 'no-such-experiment',
    message: vscode.l10n.t('{0} exports no experiment named {1} yet.', file, experiment),
    remedy: vscode.l10n.t('Write it first, or correct its name.'),
  });
