import * as path from 'node:path';
import * as vscode from 'vscode';
import { tell } from '../guard';
import type { ExerciseNode, ExercisesTree, TaskNode } from './exercises-tree';

/** An exercise that has a folder in this workspace, and the task that was meant, if one was. */
export interface Picked extends ExerciseNode {
  readonly folder: string;
  readonly taskId?: string;
}

/** The exercise that was clicked, else that of the open file, else the learner's choice. */
export async function pickExercise(tree: ExercisesTree, given: unknown): Promise<Picked | undefined> {
  const all = (await tree.exercises()).flatMap((one) =>
    one.folder === undefined ? [] : [{ ...one, folder: one.folder }],
  );
  const asked = placeIn(given);
  if (asked) {
    const found = all.find(({ folder }) => folder === asked.folder);
    return found && { ...found, ...(asked.taskId === undefined ? {} : { taskId: asked.taskId }) };
  }
  const open = vscode.window.activeTextEditor?.document.uri.fsPath;
  const current = all.find(({ folder }) => open?.startsWith(folder + path.sep));
  if (current ?? all.length < 2) {
    if (all.length === 0)
      tell(
        vscode.l10n.t('No exercise has been started in this workspace. Start one from the Exercises view.'),
      );
    return current ?? all[0];
  }
  const picks = all.map((one) => ({ label: one.exercise.title, description: one.folder, one }));
  return (await vscode.window.showQuickPick(picks, { placeHolder: vscode.l10n.t('Which exercise?') }))?.one;
}

function placeIn(given: unknown): { folder: string; taskId?: string } | undefined {
  if (isTask(given)) {
    const { folder } = given.parent;
    return folder === undefined ? undefined : { folder, taskId: given.task.id };
  }
  if (typeof given !== 'object' || given === null || !('folder' in given)) return undefined;
  const { folder, taskId } = given as { folder: unknown; taskId?: unknown };
  if (typeof folder !== 'string') return undefined;
  return { folder, ...(typeof taskId === 'string' ? { taskId } : {}) };
}

export const isExercise = (value: unknown): value is ExerciseNode =>
  typeof value === 'object' && value !== null && 'exercise' in value;
const isTask = (value: unknown): value is TaskNode =>
  typeof value === 'object' && value !== null && 'task' in value && 'parent' in value;
