import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { CheckKind, CheckReport, CheckResult, ExerciseFile } from '../protocol/exercise';
import { runChecks, type Check } from './check';
import { CheckingProcess } from './checking-process';
import { ExerciseContext } from './exercise-context';
import { entryIn, openExerciseFolder } from './exercise-folder';
import { withReport, writeProgress } from './progress';
import { refreshTypes } from './scaffold';

export interface CheckExerciseOptions {
  /** Only these kinds; the report of a partial check is not kept. Default: all. */
  readonly kinds?: readonly CheckKind[];
  readonly onStart?: (title: string) => void;
  readonly onResult?: (result: CheckResult) => void;
  /** What a check is doing: "featureExtraction, seed 2: epoch 3/12". */
  readonly onProgress?: (text: string) => void;
}

/**
 * Checks a scaffolded exercise and keeps the report as its progress.
 * @throws {LearnerError} if the folder is no exercise of ours, or its file is gone
 */
export async function checkExercise(
  root: string,
  folder: string,
  { kinds, onStart, onResult, onProgress }: CheckExerciseOptions = {},
): Promise<CheckReport> {
  const began = performance.now();
  const { exercise } = await openExerciseFolder(root, folder);
  await refreshTypes(root, folder);
  const file = join(folder, await entryIn(folder, exercise));
  const checks = checksOf(root, exercise);
  const checking = new CheckingProcess(root, onProgress ?? (() => undefined));
  try {
    const results = await runChecks(checks, new ExerciseContext(root, exercise, file, checking), {
      ...(kinds ? { kinds } : {}),
      ...(onResult ? { onResult } : {}),
      onStart: ({ title }) => onStart?.(title),
    });
    const report: CheckReport = {
      exercise: exercise.id,
      passed: results.every(({ status }) => status === 'passed'),
      results,
      seconds: (performance.now() - began) / 1000,
    };
    if (!kinds) {
      // Hints may have been asked for meanwhile: what is on the disk now counts.
      const { progress } = await openExerciseFolder(root, folder);
      await writeProgress(folder, withReport(exercise, progress, report));
    }
    return report;
  } finally {
    checking.dispose();
  }
}

/** exercises/<id>/check.ts, as the build bundled it. */
function checksOf(root: string, { id }: ExerciseFile): readonly Check<ExerciseContext>[] {
  const file = join(root, 'dist', 'checks', `${id}.js`);
  const { checks } = createRequire(file)(file) as { checks: readonly Check<ExerciseContext>[] };
  return checks;
}
