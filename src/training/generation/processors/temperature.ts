import type { Processor } from './processor';

/** Divides the logits. Its limit at 0 is the best token alone, and that is what 0 does. */
export const temperature: Processor = {
  name: 'temperature',
  step: ({ temperature: value }) => {
    if (value === 1) return undefined;
    if (value === 0)
      return (distribution) => {
        distribution.keepOnly(distribution.best());
      };
    return (distribution) => {
      distribution.divide(value);
    };
  },
};
