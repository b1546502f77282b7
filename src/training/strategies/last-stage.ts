import { atRate, readOptions, type OptimizerOptions, type StrategyDefinition } from './strategy';

/** The last stage and the head train: early layers see edges and colours, which serve any pictures. */
export const lastStage: StrategyDefinition<OptimizerOptions> = {
  id: 'last-stage',
  title: 'last stage',
  summary: 'The last stage and the head train, the layers before stay frozen.',
  create(options) {
    const { learningRate, settings } = readOptions('lastStage', options, 1e-3);
    return {
      kind: 'strategy',
      id: this.id,
      title: this.title,
      pretrained: true,
      settings,
      plan: (groups, epochs) => [
        { name: 'last stage and head', epochs, learningRates: atRate(groups.slice(-2), learningRate) },
      ],
    };
  },
};
