import { atRate, readOptions, requireGroups, type OptimizerOptions, type Strategy } from './strategy';

/** The groups that the learner names train. The head always does: its weights are new. */
export function layerGroups(names: readonly string[], options?: OptimizerOptions): Strategy {
  const { learningRate, settings } = readOptions('layerGroups', options, 1e-3);
  return {
    kind: 'strategy',
    id: 'layer-groups',
    title: names.join(' + '),
    pretrained: true,
    settings,
    plan: (groups, epochs) => {
      requireGroups(names, groups);
      const trained = groups.filter((group, index) => names.includes(group) || index === groups.length - 1);
      return [{ name: trained.join(' + '), epochs, learningRates: atRate(trained, learningRate) }];
    },
  };
}
