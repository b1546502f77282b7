import type { CheckKind, CheckResult } from '../protocol/exercise';
import type { SourceLocation } from '../protocol/errors';

/** What a check found. */
export type CheckOutcome =
  | { readonly status: 'passed'; readonly message?: string }
  | { readonly status: 'notAttempted'; readonly message: string; readonly location?: SourceLocation }
  | {
      readonly status: 'wrong';
      /** Names the mistake; explained in the exercise's README. */
      readonly mistake: string;
      /** Recommendation first, then what was seen. */
      readonly message: string;
      readonly location?: SourceLocation;
    };

/** One question about the learner's work. Checks of a task run in order: code, behaviour, outcome; one that fails spares the rest. */
export interface Check<Context> {
  readonly id: string;
  readonly kind: CheckKind;
  readonly task: string;
  readonly title: string;
  run(context: Context): Promise<CheckOutcome> | CheckOutcome;
}

export const passed = (message?: string): CheckOutcome =>
  message === undefined ? { status: 'passed' } : { status: 'passed', message };
export const notAttempted = (message: string, location?: SourceLocation): CheckOutcome => ({
  status: 'notAttempted',
  message,
  ...(location ? { location } : {}),
});
export const wrong = (mistake: string, message: string, location?: SourceLocation): CheckOutcome => ({
  status: 'wrong',
  mistake,
  message,
  ...(location ? { location } : {}),
});

const ORDER: readonly CheckKind[] = ['code', 'behaviour', 'outcome'];

/**
 * Runs the checks of an exercise: all code checks, then behaviour, then outcome, each only for tasks without a failure so far.
 * @param onResult called as each result arrives, so that a long check shows something meanwhile
 */
export async function runChecks<Context>(
  checks: readonly Check<Context>[],
  context: Context,
  onResult: (result: CheckResult) => void = () => undefined,
): Promise<CheckResult[]> {
  const failedTasks = new Set<string>();
  const results: CheckResult[] = [];
  for (const kind of ORDER) {
    for (const check of checks.filter((candidate) => candidate.kind === kind)) {
      const { id, task, title } = check;
      const outcome = failedTasks.has(task) ? ({ status: 'notRun' } as const) : await check.run(context);
      if (outcome.status === 'wrong' || outcome.status === 'notAttempted') failedTasks.add(task);
      const result: CheckResult = { id, kind, task, title, ...outcome };
      results.push(result);
      onResult(result);
    }
  }
  return results;
}
