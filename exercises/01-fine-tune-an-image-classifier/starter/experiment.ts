import { experiment, imageFolder, resnet18, strategies } from 'transfer-lab';

// Ten kinds of picture that the network has never seen: 20 of each to learn from, drawn in other styles than the test pictures.
const data = imageFolder('data/emoji-10', { imageSize: 64, seed: 1 });

// Everything trains. Run it first: click Fine-tune above the next line.
export const wholeNetwork = experiment({
  data,
  model: resnet18({ weights: 'embedded' }),
  strategy: strategies.wholeModel(),
  epochs: 12,
  batchSize: 16,
  seed: 1,
});

// TODO task 1: an experiment named featureExtraction, in which only a new head trains.

// TODO task 2: an experiment named lastStage, in which the last stage of the network trains together with the head.
