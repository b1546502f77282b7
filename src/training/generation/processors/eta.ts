import { keepFrom } from './epsilon';
import type { Processor } from './processor';

/** As epsilon, with the limit min(e, sqrt(e) · exp(-entropy)): an unsure model keeps more (Hewitt et al., 2022). */
export const eta: Processor = {
  name: 'eta',
  step: ({ etaCutoff: cutoff }) =>
    cutoff === 0
      ? undefined
      : (distribution) => {
          keepFrom(distribution, Math.min(cutoff, Math.sqrt(cutoff) * Math.exp(-distribution.entropy())));
        },
};
