import { atRate, readOptions, type OptimizerOptions, type StrategyDefinition } from './strategy';

/** The pretrained layers stay as they are; only the head learns to read their features. */
export const featureExtraction: StrategyDefinition<OptimizerOptions> = {
  id: 'feature-extraction',
  title: 'feature extraction',
  summary: 'Only the new head trains; the frozen layers run once for each item.',
  create(options) {
    const { learningRate, settings } = readOptions('featureExtraction', options, 3e-3);
    return {
      kind: 'strategy',
      id: this.id,
      title: this.title,
      pretrained: true,
      settings,
      plan: (groups, epochs) => [
        { name: 'head only', epochs, learningRates: atRate(groups.slice(-1), learningRate) },
      ],
    };
  },
};
