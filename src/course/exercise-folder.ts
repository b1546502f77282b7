import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LearnerError } from '../protocol/errors';
import type { ExerciseFile, ExerciseProgress } from '../protocol/exercise';
import { findExercise } from './exercises';
import { solutionFolder } from './paths';
import { nextHint, readProgress, taskForHint, withSolutionSeen, writeProgress, type Hint } from './progress';

/** A scaffolded exercise on disk. */
export interface ExerciseFolder {
  readonly folder: string;
  readonly exercise: ExerciseFile;
  readonly progress: ExerciseProgress;
}

/** @throws {LearnerError} 'not-an-exercise' if the folder was not scaffolded by us */
export async function openExerciseFolder(root: string, folder: string): Promise<ExerciseFolder> {
  const progress = await readProgress(folder);
  if (!progress) {
    throw new LearnerError({
      code: 'not-an-exercise',
      message: `${folder} holds no exercise of Transfer Lab (.transfer-lab/progress.json is missing).`,
      remedy: 'Start an exercise from the Exercises view, or with "transfer-lab new 01 FOLDER".',
    });
  }
  return { folder, progress, exercise: await findExercise(root, progress.exercise) };
}

/**
 * Shows the next hint and remembers that it was shown.
 * @param taskId absent: the task that needs it most
 * @throws {LearnerError} 'unknown-task'
 */
export async function showHint(root: string, folder: string, taskId?: string): Promise<Hint> {
  const { exercise, progress } = await openExerciseFolder(root, folder);
  const task = taskId ?? taskForHint(exercise, progress);
  const next = task === undefined ? undefined : nextHint(exercise, progress, task);
  if (!next) {
    throw new LearnerError({
      code: 'unknown-task',
      message: `Exercise ${exercise.number} has no hints for task "${taskId ?? ''}".`,
      remedy: `Use one of: ${exercise.tasks.map(({ id }) => id).join(', ')}.`,
    });
  }
  await writeProgress(folder, next.progress);
  return next.hint;
}

/** The solution's file beside the learner's own, for a diff. Remembers that it was seen. */
export async function openSolution(
  root: string,
  folder: string,
): Promise<{ attempt: string; solution: string }> {
  const { exercise, progress } = await openExerciseFolder(root, folder);
  const entry = await entryIn(folder, exercise);
  await writeProgress(folder, withSolutionSeen(progress));
  return {
    attempt: join(folder, entry),
    solution: join(solutionFolder(root, exercise.id), exercise.entry),
  };
}

/** The learner's file; JavaScript instead of TypeScript is as good. @throws {LearnerError} 'file-not-found' */
export async function entryIn(folder: string, { entry }: ExerciseFile): Promise<string> {
  const names = await readdir(folder);
  const stem = entry.replace(/\.[^.]+$/, '');
  const wanted = [entry, ...['ts', 'mts', 'js', 'mjs'].map((extension) => `${stem}.${extension}`)];
  const found = wanted.find((name) => names.includes(name));
  if (found !== undefined) return found;
  throw new LearnerError({
    code: 'file-not-found',
    message: `${folder} holds no ${entry}.`,
    remedy: `Bring it back with "Reset exercise" (transfer-lab reset ${folder}), or with "Bring back my attempt".`,
  });
}
