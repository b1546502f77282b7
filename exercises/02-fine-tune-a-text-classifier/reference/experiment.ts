import { bert, experiment, strategies, textFolder } from 'transfer-lab';

// What tools/record-reference.mjs trains: the solution's settings, and what the instructions compare them with.
const shared = {
  data: textFolder('data/sentiment-sentences', { maxTokens: 48, seed: 1, trainCount: 200 }),
  model: bert({ weights: 'embedded', pooling: 'mean' }),
  epochs: 6,
  batchSize: 16,
  seed: 1,
} as const;

export const firstToken = experiment({
  ...shared,
  model: bert({ weights: 'embedded', pooling: 'first' }),
  strategy: strategies.featureExtraction({ learningRate: 1e-2 }),
});

export const meanOfTokens = experiment({
  ...shared,
  strategy: strategies.featureExtraction({ learningRate: 1e-2 }),
});

export const fromScratch = experiment({
  ...shared,
  model: bert({ weights: null, size: 'bert-tiny' }),
  strategy: strategies.wholeModel({ learningRate: 1e-3 }),
});

export const lastLayers = experiment({
  ...shared,
  strategy: strategies.layerGroups(['layer.4', 'layer.5'], { learningRate: 1e-4 }),
});

export const wholeNetwork = experiment({
  ...shared,
  strategy: strategies.wholeModel({ learningRate: 5e-5 }),
});

export const ownRates = experiment({
  ...shared,
  strategy: strategies.discriminative({ learningRate: 2e-4, decay: 0.8 }),
});
