import type { Distribution } from '../distribution';
import type { Processor } from './processor';

/** Keeps what has at least this probability, and the best token (Hewitt et al., 2022). */
export const epsilon: Processor = {
  name: 'epsilon',
  step: ({ epsilonCutoff: lowest }) =>
    lowest === 0
      ? undefined
      : (distribution) => {
          keepFrom(distribution, lowest);
        },
};

/** The best stays, with all that tie with it. */
export function keepFrom(distribution: Distribution, probability: number): void {
  const weights = distribution.weights();
  const lowest = Math.min(probability * distribution.total(), weights[distribution.best()] ?? 0);
  distribution.keep((id) => (weights[id] ?? 0) >= lowest);
}
