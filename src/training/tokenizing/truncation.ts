import { LearnerError } from '../../protocol/errors';

/**
 * How many tokens of a text, or of each of two, are kept so that both fit. Of two the longer one gives first, as in Hugging
 * Face's `longest_first`: a short question stays whole beside a long passage.
 * @param room tokens that fit, special tokens not counted
 */
export function keptLengths(first: number, second: number, room: number): [number, number] {
  if (first + second <= room) return [first, second];
  const shorter = Math.min(first, second);
  const half = Math.floor(room / 2);
  const [few, many] =
    shorter + Math.max(shorter, room - shorter) > room ? [half, room - half] : [shorter, room - shorter];
  return first > second ? [many, few] : [few, many];
}

/**
 * @param maxLength tokens of a sequence, special tokens counted
 * @param positions of the checkpoint: it has learned no later ones
 * @throws {LearnerError} 'max-length' if the model has fewer positions, or nothing of the text would be left
 */
export function checkMaxLength(maxLength: number, positions: number, specialTokens: number): void {
  if (Number.isInteger(maxLength) && maxLength > specialTokens && maxLength <= positions) return;
  throw new LearnerError({
    code: 'max-length',
    message: `maxLength is ${maxLength}, but the model has ${positions} positions, and ${specialTokens} of them are for special tokens.`,
    remedy: `Give a whole number from ${specialTokens + 1} to ${positions}.`,
  });
}
