import type { Processor } from './processor';

/** Subtracts from the logits of what the continuation already says; the prompt does not count (as in OpenAI's and vLLM's interfaces). */
export const presenceFrequencyPenalty: Processor = {
  name: 'presenceFrequencyPenalty',
  step: ({ presencePenalty, frequencyPenalty }) =>
    presencePenalty === 0 && frequencyPenalty === 0
      ? undefined
      : (distribution, { tokens, promptLength }) => {
          const counts = new Map<number, number>();
          for (let index = promptLength; index < tokens.length; index++) {
            const id = tokens[index] ?? 0;
            counts.set(id, (counts.get(id) ?? 0) + 1);
          }
          for (const [id, count] of counts) {
            const score = distribution.scores[id] ?? 0;
            distribution.write(id, score - presencePenalty - frequencyPenalty * count);
          }
        },
};
