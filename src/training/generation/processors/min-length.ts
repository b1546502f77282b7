import type { Processor } from './processor';

/** Bars the end token until the continuation is long enough. */
export const minLength: Processor = {
  name: 'minLength',
  step: ({ minLength: length }) =>
    length === 0
      ? undefined
      : (distribution, { tokens, promptLength, endTokenId }) => {
          if (endTokenId !== undefined && tokens.length - promptLength < length)
            distribution.ban([endTokenId]);
        },
};
