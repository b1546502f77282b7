import { experiment, imageFolder, resnet18, strategies, type HeadFunction } from 'transfer-lab';

// What tools/record-reference.mjs trains: the solution's settings, and training from scratch at equal epochs.
const shared = {
  data: imageFolder('data/emoji-10', { imageSize: 64, seed: 1 }),
  model: resnet18({ weights: 'embedded' }),
  epochs: 12,
  batchSize: 16,
  seed: 1,
} as const;

const head: HeadFunction = (features, { linear, numClasses }) => linear('classes', features, numClasses);

export const featureExtraction = experiment({
  ...shared,
  model: resnet18({ weights: 'embedded', head }),
  strategy: strategies.featureExtraction({ learningRate: 3e-3 }),
});

export const lastStage = experiment({
  ...shared,
  strategy: strategies.layerGroups(['layer4', 'fc'], { learningRate: 1e-3 }),
});

export const ownRates = experiment({
  ...shared,
  strategy: strategies.discriminative({ learningRate: 5e-3, decay: 0.5 }),
});

export const fromScratch = experiment({
  ...shared,
  strategy: strategies.fromScratch({ learningRate: 2e-3 }),
});

export const wholeNetwork = experiment({
  ...shared,
  strategy: strategies.wholeModel({ learningRate: 5e-4 }),
});

// Two mistakes, so that the instructions can say what they cost.
export const rateTooHigh = experiment({
  ...shared,
  strategy: strategies.layerGroups(['layer4', 'fc'], { learningRate: 1e-1 }),
});

export const rateTooLow = experiment({
  ...shared,
  strategy: strategies.featureExtraction({ learningRate: 3e-5 }),
});
