import { atRate, readOptions, type OptimizerOptions, type StrategyDefinition } from './strategy';

/** Everything trains, from random weights: what the data alone can teach. */
export const fromScratch: StrategyDefinition<OptimizerOptions> = {
  id: 'from-scratch',
  title: 'from scratch',
  summary: 'Random weights, everything trains: the baseline that transfer has to beat.',
  create(options) {
    const { learningRate, settings } = readOptions('fromScratch', options, 2e-3);
    return {
      kind: 'strategy',
      id: this.id,
      title: this.title,
      pretrained: false,
      settings,
      plan: (groups, epochs) => [
        { name: 'everything, from random weights', epochs, learningRates: atRate(groups, learningRate) },
      ],
    };
  },
};
