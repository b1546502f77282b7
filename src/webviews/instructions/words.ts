import type { InstructionsStatus, TaskState, TaskStatus } from '../../protocol/instructions';
import type { IconName } from '../shared/icon';

/** Never by colour alone: each state has an icon and words. */
export const TASK_LOOKS: Readonly<Record<TaskState, readonly [icon: IconName, words: string]>> = {
  done: ['pass', 'Done'],
  wrong: ['warning', 'Not yet right'],
  notAttempted: ['open', 'Not attempted yet'],
  waits: ['waits', 'Waits for an earlier check'],
  notChecked: ['open', 'Not checked yet'],
};

/** "1 of 2 tasks done" */
export function doneText({ tasks, state }: InstructionsStatus): string {
  if (state === 'passed') return 'All checks passed. This exercise is done.';
  if (state === 'passedWithHelp') return 'All checks passed, with help. This exercise is done.';
  const done = tasks.filter((task) => task.state === 'done').length;
  return `${done} of ${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'} done`;
}

export function checkingText({ checking }: InstructionsStatus): string {
  return checking ? `Checking: ${checking}` : 'Checking …';
}

/** "Show a hint (3)", "Next hint (1 of 3 shown)" */
export function hintButtonText({ hints, hintCount }: TaskStatus): string {
  return hints.length === 0 ? 'Show a hint' : `Show the next hint (${hints.length + 1} of ${hintCount})`;
}

/** What a screen reader should hear after a change: a new hint, the beginning and the end of a check. */
export function announcement(
  before: InstructionsStatus | undefined,
  now: InstructionsStatus,
): string | undefined {
  if (!before) return undefined;
  const parts = now.tasks.flatMap(({ id, hints, hintCount }) => {
    const known = before.tasks.find((task) => task.id === id)?.hints.length ?? 0;
    return hints.length > known ? [`Hint ${hints.length} of ${hintCount}: ${hints.at(-1) ?? ''}`] : [];
  });
  if (before.checking === undefined && now.checking !== undefined) parts.push('Checking.');
  if (before.checking !== undefined && now.checking === undefined) parts.push(`Checked: ${doneText(now)}.`);
  return parts.length === 0 ? undefined : parts.join(' ');
}
