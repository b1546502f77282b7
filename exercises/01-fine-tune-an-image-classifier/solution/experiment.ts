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

// Nothing but the head trains, so the rest runs once per picture. A head that starts from nothing takes a larger rate.
export const featureExtraction = experiment({
  data,
  model: resnet18({
    weights: 'embedded',
    // One number for each class, as large as it likes: logits. The loss makes probabilities of them.
    head: (features, { linear, numClasses }) => linear('classes', features, numClasses),
  }),
  strategy: strategies.featureExtraction({ learningRate: 3e-3 }),
  epochs: 12,
  batchSize: 16,
  seed: 1,
});

// The last stage holds what is most particular to the pictures of pretraining. It knows something already: a smaller rate.
export const lastStage = experiment({
  data,
  model: resnet18({ weights: 'embedded' }),
  strategy: strategies.layerGroups(['layer4', 'fc'], { learningRate: 1e-3 }),
  epochs: 12,
  batchSize: 16,
  seed: 1,
});

// Everything trains, but what fits any picture moves least: each group takes half the steps of the one after it.
export const ownRates = experiment({
  data,
  model: resnet18({ weights: 'embedded' }),
  strategy: strategies.discriminative({ learningRate: 5e-3, decay: 0.5 }),
  epochs: 12,
  batchSize: 16,
  seed: 1,
});
