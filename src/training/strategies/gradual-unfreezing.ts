import * as z from 'zod';
import { atRate, readOptions, type OptimizerOptions, type Phase, type StrategyDefinition } from './strategy';

export interface GradualUnfreezingOptions extends OptimizerOptions {
  /** Epochs before the next group joins. Default: the epochs shared evenly over the groups. */
  readonly epochsPerGroup?: number;
  /** The rate of each later phase is this times the one before. Default 0.5. */
  readonly decay?: number;
}

/** First the head, then one group after another from output to input (Howard & Ruder, 2018). */
export const gradualUnfreezing: StrategyDefinition<GradualUnfreezingOptions> = {
  id: 'gradual-unfreezing',
  title: 'gradual unfreezing',
  summary: 'First the head, then one group more at a time, towards the input.',
  create(options) {
    const read = readOptions('gradualUnfreezing', options, 3e-3, {
      epochsPerGroup: z.int().positive().optional(),
      decay: z.number().positive().max(1).optional(),
    });
    const { decay = 0.5, epochsPerGroup } = read.options;
    return {
      kind: 'strategy',
      id: this.id,
      title: this.title,
      pretrained: true,
      settings: read.settings,
      plan: (groups, epochs) => {
        const each = epochsPerGroup ?? Math.max(1, Math.floor(epochs / groups.length));
        const phases: Phase[] = [];
        let left = epochs;
        for (let count = 1; count <= groups.length && left > 0; count++) {
          const trained = groups.slice(-count);
          const isLast = count === groups.length;
          const phaseEpochs = isLast ? left : Math.min(each, left);
          const name = count === 1 ? 'head only' : `${trained[0] ?? ''} and after`;
          const learningRates = atRate(trained, read.learningRate * decay ** (count - 1));
          phases.push({ name, epochs: phaseEpochs, learningRates });
          left -= phaseEpochs;
        }
        return phases;
      },
    };
  },
};
