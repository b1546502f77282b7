import { LearnerError, type SourceLocation } from '../protocol/errors';
import type { CheckKind, CheckResult } from '../protocol/exercise';

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

/** One question about the learner's work. */
export interface Check<Context> {
  readonly id: string;
  readonly kind: CheckKind;
  /** Absent: it is about the whole file. */
  readonly task?: string;
  /** What is looked at, as a sentence. */
  readonly title: string;
  /** What a failure spares, besides later checks of its own task: all that follows, or only what trains. */
  readonly spares?: 'everything' | 'training';
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

export interface RunChecksOptions {
  /** Which kinds are run; the others are left out of the results. Default: all. */
  readonly kinds?: readonly CheckKind[];
  /** Called before a check begins. */
  readonly onStart?: (check: { readonly title: string }) => void;
  /** Called as each result arrives, so that a long check shows something meanwhile. */
  readonly onResult?: (result: CheckResult) => void;
}

/**
 * Runs the checks of an exercise: all code checks, then behaviour, then outcome, each only for tasks without a failure so far.
 * A LearnerError that a check throws is the learner's mistake, at its line.
 */
export async function runChecks<Context>(
  checks: readonly Check<Context>[],
  context: Context,
  { kinds = ORDER, onStart, onResult }: RunChecksOptions = {},
): Promise<CheckResult[]> {
  const failedTasks = new Set<string>();
  let spared: Check<Context>['spares'];
  const results: CheckResult[] = [];
  for (const kind of ORDER.filter((candidate) => kinds.includes(candidate))) {
    for (const check of checks.filter((candidate) => candidate.kind === kind)) {
      const { id, task, title } = check;
      const isSpared =
        spared === 'everything' ||
        (spared === 'training' && kind !== 'code') ||
        (task !== undefined && failedTasks.has(task));
      if (!isSpared) onStart?.(check);
      const outcome = isSpared ? ({ status: 'notRun' } as const) : await outcomeOf(check, context);
      if (outcome.status === 'wrong' || outcome.status === 'notAttempted') {
        if (task !== undefined) failedTasks.add(task);
        if (spared !== 'everything') spared = check.spares ?? spared;
      }
      const result: CheckResult = { id, kind, ...(task === undefined ? {} : { task }), title, ...outcome };
      results.push(result);
      onResult?.(result);
    }
  }
  return results;
}

/** Weights that are not here say nothing about the learner's work: the check cannot be made, and the caller says why. */
const NOT_THE_LEARNERS: ReadonlySet<string> = new Set([
  'download-needed',
  'download-stopped',
  'hub-forbidden',
  'hub-offline',
  'hub-unauthorized',
  'hub-unreachable',
]);

async function outcomeOf<Context>(check: Check<Context>, context: Context): Promise<CheckOutcome> {
  try {
    return await check.run(context);
  } catch (error) {
    if (!(error instanceof LearnerError) || NOT_THE_LEARNERS.has(error.problem.code)) throw error;
    const { code, remedy, message, location } = error.problem;
    return wrong(code, `${remedy} ${message}`, location);
  }
}
