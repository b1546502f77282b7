import { describe, expect, it } from 'vitest';
import type { CheckResult, ExerciseProgress } from '../../protocol/exercise';
import { taskLine } from './task-line';

const exercise = { tasks: ['a', 'b'].map((id) => ({ id, title: id, hints: [] })) };
const progress = (line: number): ExerciseProgress => {
  const result: CheckResult = {
    id: 'x',
    kind: 'code',
    task: 'b',
    title: 'x',
    status: 'wrong',
    location: { file: 'experiment.ts', line },
  };
  return {
    version: 1,
    exercise: 'x',
    state: 'wrong',
    hintsShown: {},
    solutionSeen: false,
    runIds: [],
    lastReport: { exercise: 'x', passed: false, results: [result], seconds: 1 },
  };
};

describe('taskLine', () => {
  it('is the TODO of the task', () => {
    expect(taskLine('// TODO task 1: x\n// TODO task 2: y', exercise, progress(1), 'b')).toBe(2);
    expect(taskLine('// TODO task 10', exercise, undefined, 'a')).toBeUndefined();
  });
  it('is where the last check found something, once the TODO is gone', () => {
    expect(taskLine('1\n2\n3', exercise, progress(3), 'b')).toBe(3);
  });
  it('is unknown where the file has become shorter, or nothing was found', () => {
    expect(taskLine('1\n2', exercise, progress(3), 'b')).toBeUndefined();
    expect(taskLine('1\n2\n3', exercise, progress(3), 'a')).toBeUndefined();
  });
});
