import type { Processor } from './processor';

/** Bars every token that once followed the last n - 1 tokens, so no n-gram comes twice (Paulus et al., 2018). */
export const noRepeatNgram: Processor = {
  name: 'noRepeatNgram',
  step: ({ noRepeatNgramSize: size }) =>
    size === 0
      ? undefined
      : (distribution, { tokens }) => {
          distribution.ban(followers(tokens, size - 1));
        },
};

/** What came after the last `length` tokens, wherever else they stand. */
function followers(tokens: ArrayLike<number>, length: number): Set<number> {
  const found = new Set<number>();
  const last = tokens.length - length;
  for (let start = 0; start < last; start++) {
    let same = 0;
    while (same < length && tokens[start + same] === tokens[last + same]) same++;
    if (same === length) found.add(tokens[start + length] ?? 0);
  }
  return found;
}
