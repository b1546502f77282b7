import type { CheckResult, ExerciseFile, ExerciseProgress, ExerciseTask } from '../../protocol/exercise';
import type { Finding, TaskState, TaskStatus } from '../../protocol/instructions';

/** What the last check found about a task, or, without one, about the whole file. */
export function resultsOf(
  progress: ExerciseProgress | undefined,
  task: string | undefined,
): readonly CheckResult[] {
  return progress?.lastReport?.results.filter((result) => result.task === task) ?? [];
}

export function taskState(progress: ExerciseProgress | undefined, task: string): TaskState {
  const results = resultsOf(progress, task);
  if (results.length === 0) return 'notChecked';
  const failed = results.find(({ status }) => status === 'wrong' || status === 'notAttempted');
  if (failed) return failed.status === 'wrong' ? 'wrong' : 'notAttempted';
  return results.every(({ status }) => status === 'passed') ? 'done' : 'waits';
}

/** The tasks of an exercise as a learner sees them: their state, what is not right yet, the hints shown so far. */
export function taskStatuses({ tasks }: ExerciseFile, progress: ExerciseProgress | undefined): TaskStatus[] {
  return tasks.map((task) => ({
    id: task.id,
    title: task.title,
    state: taskState(progress, task.id),
    findings: findingsOf(progress, task.id),
    hints: shownHints(progress, task),
    hintCount: task.hints.length,
  }));
}

/** What has not passed. A check that waits for an earlier one has found nothing. */
export function findingsOf(progress: ExerciseProgress | undefined, task: string | undefined): Finding[] {
  return resultsOf(progress, task)
    .filter(({ status }) => status === 'wrong' || status === 'notAttempted')
    .map(({ id, title, status, message, mistake, location }) => ({
      check: id,
      title,
      status,
      ...(message === undefined ? {} : { message }),
      ...(mistake === undefined ? {} : { mistake }),
      hasPlace: location !== undefined,
    }));
}

export function shownHints(progress: ExerciseProgress | undefined, task: ExerciseTask): readonly string[] {
  return task.hints.slice(0, progress?.hintsShown[task.id] ?? 0);
}
