import { bert, experiment, strategies, textFolder } from 'transfer-lab';

// 200 sentences from reviews to learn from, positive or negative; 460 to choose by, and 500 to test with.
// They have 17 tokens on average and nearly all end before 48: what is cut is rare, and no batch is longer.
const data = textFolder('data/sentiment-sentences', { maxTokens: 48, seed: 1, trainCount: 200 });

// One linear layer reads one token of each text, [CLS]; nothing else trains. Run it first: click Fine-tune above the next line.
export const firstToken = experiment({
  data,
  model: bert({ weights: 'embedded', pooling: 'first' }),
  strategy: strategies.featureExtraction({ learningRate: 1e-2 }),
  epochs: 6,
  batchSize: 16,
  seed: 1,
});

// The mean of all tokens instead: what this network was pretrained to make useful.
export const meanOfTokens = experiment({
  data,
  model: bert({ weights: 'embedded', pooling: 'mean' }),
  strategy: strategies.featureExtraction({ learningRate: 1e-2 }),
  epochs: 6,
  batchSize: 16,
  seed: 1,
});

// The last two layers may turn from "what is it about" to "is it liked". They know much already: a hundredth of the head's rate.
export const lastLayers = experiment({
  data,
  model: bert({ weights: 'embedded', pooling: 'mean' }),
  strategy: strategies.layerGroups(['layer.4', 'layer.5'], { learningRate: 1e-4 }),
  epochs: 6,
  batchSize: 16,
  seed: 1,
});

// Everything trains, the table of words slowest: each group takes four fifths of the steps of the one after it.
export const ownRates = experiment({
  data,
  model: bert({ weights: 'embedded', pooling: 'mean' }),
  strategy: strategies.discriminative({ learningRate: 2e-4, decay: 0.8 }),
  epochs: 6,
  batchSize: 16,
  seed: 1,
});
