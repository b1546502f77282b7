import type { Processor } from './processor';

/**
 * Keeps the nucleus: the fewest most likely tokens that hold p (Holtzman et al., 2020). From the least likely upwards, tokens go
 * while their sum is at most 1 - p; of equals those with higher ids go first, and the best stays even at p = 0.
 */
export const topP: Processor = {
  name: 'topP',
  step: ({ topP: p }) =>
    p === 1
      ? undefined
      : (distribution) => {
          const { scores } = distribution;
          const atMost = (1 - p) * distribution.total();
          const first =
            p === 0
              ? distribution.best()
              : distribution.firstReached(
                  (id) => scores[id] ?? 0,
                  distribution.weights(),
                  (sum) => sum > atMost,
                  true,
                );
          const lowest = scores[first] ?? 0;
          distribution.keep((id) => {
            const score = scores[id] ?? 0;
            return score > lowest || (score === lowest && id <= first);
          });
        },
};
