import { LearnerError } from '../../protocol/errors';
import { randomStream } from '../random';

/**
 * The uniform for a token depends on seed, continuation and place alone: other settings and other batch sizes meet the same
 * luck, so what differs between two texts is the settings' doing.
 * @returns 0 <= u < 1, with 53 random bits
 * @throws {LearnerError} for a seed that is no whole number of 32 bits: others would share their luck
 */
export function luck(seed: number, continuation: number): (token: number) => number {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw new LearnerError({
      code: 'seed-out-of-range',
      message: `The seed is ${seed}; it must be a whole number from 0 to 4294967295.`,
      remedy: 'Take a seed such as 1.',
    });
  const stream = randomStream(seed, `continuation/${continuation}`);
  return (token) => ((stream.word(2 * token) >>> 5) * 2 ** 26 + (stream.word(2 * token + 1) >>> 6)) / 2 ** 53;
}
