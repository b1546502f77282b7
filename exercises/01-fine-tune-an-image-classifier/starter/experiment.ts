import { experiment, imageFolder, resnet18, strategies } from 'transfer-lab';

// Ten kinds of picture that the network has never seen: 20 of each to learn from, drawn in other styles than the test pictures.
const data = imageFolder('data/emoji-10', { imageSize: 64, seed: 1 });

// Everything trains. Run it first: click Fine-tune above the next line.
export const wholeNetwork = experiment({
  data,
  model: resnet18({ weights: 'embedded' }),
  strategy: strategies.wholeModel({ learningRate: 5e-4 }),
  epochs: 12,
  batchSize: 16,
  seed: 1,
});

// TODO task 1: write a head, and an experiment named featureExtraction in which nothing else trains.

// TODO task 2: write an experiment named lastStage in which the last stage and the head train.

// TODO task 3: write an experiment named ownRates in which every layer group trains, each at a rate of its own.
