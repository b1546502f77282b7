import { describe, expect, it } from 'vitest';
import { LearnerError } from '../protocol/errors';
import {
  allStrategies,
  comparisonStrategies,
  experiment,
  imageFolder,
  isExperiment,
  resnet18,
  strategies,
} from '.';

const good = {
  data: imageFolder('data'),
  model: resnet18({ weights: 'embedded' }),
  strategy: strategies.wholeModel(),
  epochs: 3,
  batchSize: 8,
  seed: 1,
};

function messageOf(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (error instanceof LearnerError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('experiment', () => {
  it('is data: reading one touches no file', () => {
    expect(isExperiment(experiment({ ...good, data: imageFolder('/nowhere/at/all') }))).toBe(true);
  });

  it.each([
    ['epochs', { epochs: 0 }],
    ['epochs', { epochs: '12' }],
    ['batchSize', { batchSize: 1 }],
    ['seed', { seed: 0.5 }],
    ['data', { data: 'data/animals' }],
    ['model', { model: undefined }],
    ['strategy', { strategy: 'featureExtraction' }],
    ['bachSize', { bachSize: 8 }],
    ['loss', { loss: 'crossEntropy' }],
    ['augmentation', { augmentation: { verticalFlip: true } }],
  ])('names "%s" when it cannot be right', (field, change) => {
    expect(messageOf(() => experiment({ ...good, ...change } as never))).toContain(field);
  });

  it('names the option of a model, folder or strategy that cannot be right', () => {
    expect(messageOf(() => resnet18({ weights: 'embedded', numClasses: 1 }))).toContain('"numClasses"');
    expect(messageOf(() => imageFolder('data', { imageSize: 8 }))).toContain('"imageSize"');
    expect(messageOf(() => strategies.wholeModel({ learningRate: -1 }))).toContain('"learningRate"');
    expect(messageOf(() => strategies.layerGroups(['layer9']).plan(['stem', 'fc'], 1))).toContain(
      'Groups of this model: stem, fc',
    );
  });
});

describe('strategies', () => {
  const groups = ['stem', 'layer1', 'layer2', 'layer3', 'layer4', 'fc'];

  it.each(allStrategies.map((strategy) => [strategy.id, strategy] as const))(
    '%s plans exactly the epochs it is given, and always trains the head',
    (_, strategy) => {
      for (const epochs of [1, 2, 7, 12]) {
        const phases = strategy.derive(experiment(good)).strategy.plan(groups, epochs);
        expect(phases.reduce((sum, phase) => sum + phase.epochs, 0)).toBe(epochs);
        expect(phases.every(({ learningRates }) => 'fc' in learningRates)).toBe(true);
      }
    },
  );

  it('of a comparison share data, model and seed with the experiment they come from', () => {
    const derived = comparisonStrategies.map((strategy) => strategy.derive(experiment(good)));
    expect(derived.map(({ strategy }) => strategy.id)).toEqual([
      'from-scratch',
      'feature-extraction',
      'last-stage',
      'whole-network',
    ]);
    for (const { data, model, seed } of derived)
      expect({ data, model, seed }).toEqual({ data: good.data, model: good.model, seed: 1 });
  });

  it('halve the rate per group towards the input when discriminative', () => {
    const [phase] = strategies.discriminative({ learningRate: 0.32 }).plan(groups, 1);
    expect(Object.values(phase?.learningRates ?? {})).toEqual([0.01, 0.02, 0.04, 0.08, 0.16, 0.32]);
  });
});
