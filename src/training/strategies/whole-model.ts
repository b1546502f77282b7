import { atRate, readOptions, type OptimizerOptions, type StrategyDefinition } from './strategy';

/** Everything trains, from the pretrained weights. */
export const wholeModel: StrategyDefinition<OptimizerOptions> = {
  id: 'whole-network',
  title: 'whole network',
  summary: 'Everything trains, starting from the pretrained weights.',
  create(options) {
    const { learningRate, settings } = readOptions('wholeModel', options, 5e-4);
    return {
      kind: 'strategy',
      id: this.id,
      title: this.title,
      pretrained: true,
      settings,
      plan: (groups, epochs) => [
        { name: 'whole network', epochs, learningRates: atRate(groups, learningRate) },
      ],
    };
  },
};
