import { readFile, rename } from 'node:fs/promises';
import * as z from 'zod/mini';
import type { CheckReport, ExerciseFile, ExerciseProgress } from '../protocol/exercise';
import { progressFile } from './paths';
import { writeFileAtomically } from './write-file-atomically';

const resultSchema = z.object({
  id: z.string(),
  kind: z.enum(['code', 'behaviour', 'outcome']),
  task: z.exactOptional(z.string()),
  title: z.string(),
  status: z.enum(['passed', 'wrong', 'notAttempted', 'notRun']),
  mistake: z.exactOptional(z.string()),
  message: z.exactOptional(z.string()),
  location: z.exactOptional(
    z.object({ file: z.string(), line: z.number(), column: z.exactOptional(z.number()) }),
  ),
});

const progressSchema = z.object({
  version: z.literal(1),
  exercise: z.string(),
  state: z.enum(['new', 'started', 'wrong', 'passed', 'passedWithHelp']),
  hintsShown: z.record(z.string(), z.number()),
  solutionSeen: z.boolean(),
  runIds: z.array(z.string()),
  lastReport: z.exactOptional(
    z.object({
      exercise: z.string(),
      passed: z.boolean(),
      results: z.array(resultSchema),
      seconds: z.number(),
    }),
  ),
});

export function newProgress(exercise: string): ExerciseProgress {
  return { version: 1, exercise, state: 'new', hintsShown: {}, solutionSeen: false, runIds: [] };
}

/**
 * What is kept of a scaffolded exercise.
 * @returns undefined if the folder holds no exercise of ours. A damaged file is put aside as `progress.json.broken`: the
 * learner's code matters, the record does not, so nothing else stops.
 */
export async function readProgress(folder: string): Promise<ExerciseProgress | undefined> {
  const file = progressFile(folder);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code === 'ENOENT' ||
      (error as NodeJS.ErrnoException).code === 'ENOTDIR'
    )
      return undefined;
    throw error;
  }
  const parsed = progressSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  await rename(file, `${file}.broken`);
  return undefined;
}

export async function writeProgress(folder: string, progress: ExerciseProgress): Promise<void> {
  await writeFileAtomically(progressFile(folder), `${JSON.stringify(progress, null, 2)}\n`);
}

export interface Hint {
  readonly task: string;
  /** From 1. */
  readonly number: number;
  readonly of: number;
  readonly text: string;
}

/** The next hint of a task, or the last one again when all have been seen. */
export function nextHint(
  exercise: ExerciseFile,
  progress: ExerciseProgress,
  taskId: string,
): { hint: Hint; progress: ExerciseProgress } | undefined {
  const task = exercise.tasks.find((candidate) => candidate.id === taskId);
  if (!task || task.hints.length === 0) return undefined;
  const number = Math.min((progress.hintsShown[taskId] ?? 0) + 1, task.hints.length);
  const text = task.hints[number - 1] ?? '';
  return {
    hint: { task: taskId, number, of: task.hints.length, text },
    progress: { ...started(progress), hintsShown: { ...progress.hintsShown, [taskId]: number } },
  };
}

/** The task whose hint helps most now: the first that a check found wrong, else the first not attempted, else the first. */
export function taskForHint(exercise: ExerciseFile, progress: ExerciseProgress): string | undefined {
  const results = progress.lastReport?.results ?? [];
  const byStatus = (status: string) => results.find((result) => result.status === status)?.task;
  return byStatus('wrong') ?? byStatus('notAttempted') ?? exercise.tasks[0]?.id;
}

/** Passing is never taken back; a pass after the solution was opened, or with every hint of a task, counts as with help. */
export function withReport(
  exercise: ExerciseFile,
  progress: ExerciseProgress,
  report: CheckReport,
): ExerciseProgress {
  const alreadyPassed = progress.state === 'passed' || progress.state === 'passedWithHelp';
  const helped =
    progress.solutionSeen ||
    exercise.tasks.some(
      (task) => task.hints.length > 0 && progress.hintsShown[task.id] === task.hints.length,
    );
  const attempted = report.results.some((result) => result.status === 'wrong');
  const state = alreadyPassed
    ? progress.state
    : report.passed
      ? helped
        ? 'passedWithHelp'
        : 'passed'
      : attempted
        ? 'wrong'
        : 'started';
  return { ...progress, state, lastReport: report };
}

export function withSolutionSeen(progress: ExerciseProgress): ExerciseProgress {
  return { ...started(progress), solutionSeen: true };
}

function started(progress: ExerciseProgress): ExerciseProgress {
  return progress.state === 'new' ? { ...progress, state: 'started' } : progress;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema refuses it, and the caller puts the file aside
  }
}
