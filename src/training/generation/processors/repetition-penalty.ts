import type { Processor } from './processor';

/** Makes every token seen so far less likely, once, the prompt's included (Keskar et al., 2019, without their temperature). */
export const repetitionPenalty: Processor = {
  name: 'repetitionPenalty',
  step: ({ repetitionPenalty: penalty }) =>
    penalty === 1
      ? undefined
      : (distribution, { tokens }) => {
          for (const id of new Set(Array.from(tokens))) {
            const score = distribution.scores[id] ?? 0;
            distribution.write(id, score < 0 ? score * penalty : score / penalty);
          }
        },
};
