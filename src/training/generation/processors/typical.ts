import type { Processor } from './processor';

/**
 * Keeps the tokens whose surprise -ln p is nearest to its mean, the entropy, until they hold this probability, and what ties
 * with the last of them (Meister et al., 2023). The most likely token may go: it can be too unsurprising.
 */
export const typical: Processor = {
  name: 'typical',
  step: ({ typicalP: mass }) =>
    mass === 1
      ? undefined
      : (distribution) => {
          const { scores } = distribution;
          const entropy = distribution.entropy();
          const zero = (scores[distribution.best()] ?? 0) - distribution.logProbability(distribution.best());
          const distance = (id: number): number => Math.abs(zero - (scores[id] ?? 0) - entropy);
          const enough = mass * distribution.total();
          const last = distribution.firstReached(distance, distribution.weights(), (sum) => sum >= enough);
          const farthest = distance(last);
          distribution.keep((id) => distance(id) <= farthest);
        },
};
