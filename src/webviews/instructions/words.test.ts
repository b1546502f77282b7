import { describe, expect, it } from 'vitest';
import type { InstructionsStatus, TaskStatus } from '../../protocol/instructions';
import { announcement, doneText, hintButtonText } from './words';

const task = (changed: Partial<TaskStatus> = {}): TaskStatus => ({
  id: 'a',
  title: 'A',
  state: 'notChecked',
  findings: [],
  hints: [],
  hintCount: 3,
  ...changed,
});
const status = (changed: Partial<InstructionsStatus> = {}): InstructionsStatus => ({
  state: 'started',
  tasks: [task(), task({ id: 'b', state: 'done' })],
  findings: [],
  trusted: true,
  ...changed,
});

describe('the words of the instructions', () => {
  it('count the tasks that are done', () => {
    expect(doneText(status())).toBe('1 of 2 tasks done');
    expect(doneText(status({ tasks: [task()] }))).toBe('0 of 1 task done');
    expect(doneText(status({ state: 'passedWithHelp' }))).toBe(
      'All checks passed, with help. This exercise is done.',
    );
  });
  it('say which hint comes next', () => {
    expect(hintButtonText(task())).toBe('Show a hint');
    expect(hintButtonText(task({ hints: ['x'] }))).toBe('Show the next hint (2 of 3)');
  });
  it('read a new hint to a screen reader, and nothing where nothing is new', () => {
    const hinted = status({ tasks: [task({ hints: ['Freeze.'] })] });
    expect(announcement(status(), hinted)).toBe('Hint 1 of 3: Freeze.');
    expect(announcement(hinted, hinted)).toBeUndefined();
    expect(announcement(undefined, hinted)).toBeUndefined();
  });
  it('tell the beginning and the end of a check, not each step of it', () => {
    const checking = status({ checking: 'types' });
    expect(announcement(status(), checking)).toBe('Checking.');
    expect(announcement(checking, status({ checking: 'seed 2' }))).toBeUndefined();
    expect(announcement(checking, status())).toBe('Checked: 1 of 2 tasks done.');
  });
});
