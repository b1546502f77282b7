import { LearnerError } from '../../protocol/errors';

/** The code of the LearnerError that a run ends with, or 'none'. @throws whatever else it ends with */
export async function problemOf(run: Promise<unknown>): Promise<string> {
  try {
    await run;
  } catch (error) {
    if (error instanceof LearnerError) return error.problem.code;
    throw error;
  }
  return 'none';
}
