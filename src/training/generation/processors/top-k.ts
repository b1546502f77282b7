import type { Processor } from './processor';

/** Keeps the k most likely, and what ties with the k-th (Fan et al., 2018). */
export const topK: Processor = {
  name: 'topK',
  step: ({ topK: k }) =>
    k === 0
      ? undefined
      : (distribution) => {
          if (k >= distribution.count) return;
          const { scores } = distribution;
          const last = distribution.firstReached(
            (id) => -(scores[id] ?? 0),
            undefined,
            (rank) => rank >= k,
          );
          const lowest = scores[last] ?? 0;
          distribution.keep((id) => (scores[id] ?? 0) >= lowest);
        },
};
