import type { ExerciseFile, ExerciseProgress } from '../../protocol/exercise';
import { resultsOf } from '../exercises/task-status';

/**
 * Where a task is worked on: its TODO line; once that is gone, where the last check found something.
 * @returns a line from 1, or undefined: the file is all that is known
 */
export function taskLine(
  text: string,
  { tasks }: Pick<ExerciseFile, 'tasks'>,
  progress: ExerciseProgress | undefined,
  task: string,
): number | undefined {
  const number = tasks.findIndex(({ id }) => id === task) + 1;
  const lines = text.split('\n');
  const todo = lines.findIndex((line) => new RegExp(`\\bTODO task ${number}\\b`).test(line));
  if (todo >= 0) return todo + 1;
  const found = resultsOf(progress, task).find(({ location }) => location !== undefined)?.location;
  return found && found.line <= lines.length ? found.line : undefined;
}
