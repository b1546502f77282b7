import * as z from 'zod';
import { readOptions, type OptimizerOptions, type StrategyDefinition } from './strategy';

export interface DiscriminativeOptions extends OptimizerOptions {
  /** Each group's rate is this times that of the group after it. Default 0.5. */
  readonly decay?: number;
}

/** Everything trains, but the nearer to the input, the slower (Howard & Ruder, 2018). */
export const discriminative: StrategyDefinition<DiscriminativeOptions> = {
  id: 'discriminative',
  title: 'discriminative rates',
  summary: 'Everything trains; the rate falls from the head to the input.',
  create(options) {
    const read = readOptions('discriminative', options, 2e-3, {
      decay: z.number().positive().max(1).optional(),
    });
    const { decay = 0.5 } = read.options;
    return {
      kind: 'strategy',
      id: this.id,
      title: this.title,
      pretrained: true,
      settings: read.settings,
      plan: (groups, epochs) => [
        {
          name: 'whole network, rates falling towards the input',
          epochs,
          learningRates: Object.fromEntries(
            groups.map((group, index) => [group, read.learningRate * decay ** (groups.length - 1 - index)]),
          ),
        },
      ],
    };
  },
};
