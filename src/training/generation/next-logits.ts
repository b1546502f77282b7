import { LearnerError } from '../../protocol/errors';

/** The model: for each text (token ids, without padding) the logits of what may come next. */
export type NextLogits = (
  texts: readonly (readonly number[])[],
) => readonly ArrayLike<number>[] | Promise<readonly ArrayLike<number>[]>;

/** @throws {LearnerError} where a row of logits is missing */
export function requireRows(found: number, expected: number): void {
  if (found === expected) return;
  throw new LearnerError({
    code: 'logits-row-missing',
    message: `The model gave ${found} rows of logits for ${expected} texts.`,
    remedy: 'Return one array of logits for each text, in their order.',
  });
}
