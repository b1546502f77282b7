import type { Processor } from './processor';

/** Keeps what is at least this share of the likeliest token's probability (Nguyen et al., 2024). */
export const minP: Processor = {
  name: 'minP',
  step: ({ minP: share }) =>
    share === 0
      ? undefined
      : (distribution) => {
          const weights = distribution.weights();
          const lowest = share * (weights[distribution.best()] ?? 0);
          distribution.keep((id) => (weights[id] ?? 0) >= lowest);
        },
};
