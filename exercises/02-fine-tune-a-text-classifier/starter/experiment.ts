import { bert, experiment, strategies, textFolder } from 'transfer-lab';

// 200 sentences from reviews to learn from, positive or negative; 460 to choose by, and 500 to test with.
// TODO task 1: say in these options after how many tokens a text is cut.
const data = textFolder('data/sentiment-sentences', { seed: 1, trainCount: 200 });

// One linear layer reads one token of each text, [CLS]; nothing else trains. Run it first: click Fine-tune above the next line.
export const firstToken = experiment({
  data,
  model: bert({ weights: 'embedded', pooling: 'first' }),
  strategy: strategies.featureExtraction({ learningRate: 1e-2 }),
  epochs: 6,
  batchSize: 16,
  seed: 1,
});

// TODO task 2: write an experiment named meanOfTokens whose text vector is the mean of all tokens.

// TODO task 3: write an experiment named lastLayers in which the last two layers and the head train.

// TODO task 4: write an experiment named ownRates in which every layer group trains, each at a rate of its own.
