/**
 * VGG (Simonyan & Zisserman, 2014), plain and with BatchNorm.
 * Reference: torchvision models/vgg.py. Parameter names are torchvision's, so weights load by name; timm's are a table below.
 * Inside, pictures are [batch, height, width, channels].
 */
import * as tf from '@tensorflow/tfjs';
import type { HeadFunction } from '../experiment';
import { adaptiveAveragePool } from './layers/adaptive-pool';
import { batchNorm } from './layers/batch-norm';
import { conv2d } from './layers/conv2d';
import { dropout, type MaskSpec } from './layers/dropout';
import { linear } from './layers/linear';
import { ParameterStore } from './layers/parameters';
import {
  createHead,
  forwardGroups,
  isTraining,
  throughMap,
  type LayerGroup,
  type MapParts,
  type TrainingMode,
  type TransferModel,
} from './model';

export interface VggConfig {
  /** 3x3 convolutions in each of the five stages. */
  readonly convolutions: readonly [number, number, number, number, number];
  readonly batchNorm: boolean;
  /** Channels of the first stage: 64 in the paper. */
  readonly width: number;
  /** Width of the two hidden layers of the classifier: 4,096 in the paper. */
  readonly hiddenSize: number;
  /** Side of the map that the classifier reads: 7 in the paper. */
  readonly poolSize: number;
  readonly numClasses: number;
  /** Share of the hidden units that is left out at random in training. Default: 0.5, as torchvision. */
  readonly dropout?: number;
}

const DEPTHS = {
  vgg11: [1, 1, 2, 2, 2],
  vgg13: [2, 2, 2, 2, 2],
  vgg16: [2, 2, 3, 3, 3],
  vgg19: [2, 2, 4, 4, 4],
} as const;

type Depth = keyof typeof DEPTHS;
export type VggName = Depth | `${Depth}_bn`;

export const VGG_NAMES = Object.keys(DEPTHS).flatMap((depth) => [depth, `${depth}_bn`]) as readonly VggName[];

/** Tensor names of timm's checkpoints that differ. Its classifier is written as convolutions: the same values, another shape. */
export const TIMM_NAMES = {
  'pre_logits.fc1.': 'classifier.0.',
  'pre_logits.fc2.': 'classifier.3.',
  'head.fc.': 'classifier.6.',
} as const;

/** What a network of that name has in common, whatever its width. */
export function vggLayers(name: VggName): Pick<VggConfig, 'convolutions' | 'batchNorm'> {
  const depth = name.replace('_bn', '') as Depth;
  return { convolutions: DEPTHS[depth], batchNorm: name !== depth };
}

/** Sizes as a checkpoint has them; the paper's where its shapes do not tell. */
export function vggSizes(
  shapes: ReadonlyMap<string, readonly number[]>,
): Pick<VggConfig, 'width' | 'hiddenSize' | 'poolSize'> {
  const width = shapes.get('features.0.weight')?.[0] ?? 64;
  const [hiddenSize = 4096, inputs = 49 * 8 * width] = shapes.get('classifier.0.weight') ?? [];
  return { width, hiddenSize, poolSize: Math.max(1, Math.floor(Math.sqrt(inputs / (8 * width)))) };
}

const DROPOUT_RATE = 0.5;
/** torchvision's deviation of the initial weights of the classifier. */
const CLASSIFIER_DEVIATION = 0.01;
const HEAD = 'classifier.6';

interface StageOptions {
  readonly name: string;
  /** Index of its first layer in torchvision's `features`. */
  readonly start: number;
  readonly inputs: number;
  readonly channels: number;
  readonly count: number;
}

/** Convolutions, each with its norm and ReLU, and a pool that halves the side. @returns the group and the next free index */
function stage(
  store: ParameterStore,
  { name, start, inputs, channels, count }: StageOptions,
  withNorm: boolean,
): { group: LayerGroup; end: number } {
  const size = withNorm ? 3 : 2;
  const convolutions = Array.from({ length: count }, (_, k) => {
    const index = start + k * size;
    const from = k === 0 ? inputs : channels;
    const options = { inputs: from, outputs: channels, size: 3, padding: 1, bias: true };
    return {
      index,
      convolve: conv2d(store, `features.${index}`, options),
      norm: withNorm ? batchNorm(store, `features.${index + 1}`, channels) : undefined,
    };
  });
  const pool = start + count * size;
  // Grad-CAM's authors look at the last ReLU too: the pool behind it would leave a grid of half the side.
  const map: MapParts = {
    to: (images, training, observe) => {
      let x = images as tf.Tensor4D;
      for (const { index, convolve, norm } of convolutions) {
        x = convolve(x); // [B, H, W, channels]
        observe?.(`features.${index}`, x);
        if (norm) {
          x = norm(x, training);
          observe?.(`features.${index + 1}`, x);
        }
        x = tf.relu(x);
        observe?.(`features.${index + size - 1}`, x);
      }
      return x;
    },
    from: (x, observe) => {
      const pooled = tf.maxPool(x, 2, 2, 'valid'); // [B, H / 2, W / 2, channels], rounded down
      observe?.(`features.${pool}`, pooled);
      return pooled;
    },
  };
  const group: LayerGroup = {
    name,
    prefixes: convolutions.flatMap(({ index }) =>
      withNorm ? [`features.${index}.`, `features.${index + 1}.`] : [`features.${index}.`],
    ),
    map,
    forward: throughMap(map),
  };
  return { group, end: pool + 1 };
}

/** The map averaged to poolSize x poolSize, and the two hidden layers. */
function hiddenLayers(
  store: ParameterStore,
  { width, hiddenSize, poolSize, dropout: rate = DROPOUT_RATE }: VggConfig,
): LayerGroup {
  const channels = 8 * width;
  const first = linear(store, 'classifier.0', channels * poolSize ** 2, hiddenSize, CLASSIFIER_DEVIATION);
  const second = linear(store, 'classifier.3', hiddenSize, hiddenSize, CLASSIFIER_DEVIATION);
  return {
    name: 'classifier',
    prefixes: ['classifier.0.', 'classifier.3.'],
    masks: (batch) => [{ name: 'classifier.2', shape: [batch, hiddenSize], rate }],
    forward: (maps, _training, observe, masks) => {
      const pooled = adaptiveAveragePool(maps as tf.Tensor4D, poolSize); // [B, poolSize, poolSize, channels]
      observe?.('avgpool', pooled);
      // The checkpoint counts channel by channel.
      const flat = tf.transpose(pooled, [0, 3, 1, 2]).reshape([-1, channels * poolSize ** 2]);
      const linear1 = first(flat as tf.Tensor2D); // [B, hiddenSize]
      observe?.('classifier.0', linear1);
      const hidden = tf.relu(linear1);
      observe?.('classifier.1', hidden);
      const linear2 = second(dropout(hidden, 'classifier.2', masks)); // [B, hiddenSize]
      observe?.('classifier.3', linear2);
      const features = tf.relu(linear2);
      observe?.('classifier.4', features);
      return features;
    },
  };
}

/** @param seed of the random weights that it begins with @param deferred see ParameterStore */
export function createVgg(
  architecture: string,
  config: VggConfig,
  seed: number,
  deferred = false,
): TransferModel {
  const store = new ParameterStore(seed, deferred);
  const groups: LayerGroup[] = [];
  let inputs = 3;
  let start = 0;
  for (const [index, count] of config.convolutions.entries()) {
    const channels = config.width * Math.min(8, 2 ** index);
    const options = { name: `stage${index + 1}`, start, inputs, channels, count };
    const { group, end } = stage(store, options, config.batchNorm);
    groups.push(group);
    inputs = channels;
    start = end;
  }
  groups.push(hiddenLayers(store, config));
  const { hiddenSize, dropout: dropoutRate = DROPOUT_RATE } = config;
  let head = createHead(store, HEAD, hiddenSize, config.numClasses);
  let numClasses = config.numClasses;
  const headMasks = (batch: number): readonly MaskSpec[] => [
    { name: 'classifier.5', shape: [batch, hiddenSize], rate: dropoutRate },
  ];
  groups.push({
    name: 'head',
    prefixes: [`${HEAD}.`],
    // Before the head, so that features kept from a frozen network are thinned anew in every step.
    masks: headMasks,
    forward: (features, _training, _observe, masks) =>
      head(dropout(features as tf.Tensor2D, 'classifier.5', masks)),
  });
  const headIndex = groups.length - 1;
  const model: TransferModel = {
    architecture,
    store,
    layerGroups: groups,
    featureSize: hiddenSize,
    get numClasses() {
      return numClasses;
    },
    get config() {
      const { convolutions, width, poolSize } = config;
      const batchNorm = config.batchNorm ? 'yes' : 'no';
      const sizes = { width, hiddenSize, poolSize, dropout: dropoutRate };
      return { architecture, convolutions, batchNorm, ...sizes, numClasses };
    },
    forwardFeatures: (images, training: TrainingMode, observe) =>
      forwardGroups(model, images, { from: 0, to: headIndex }, training, observe) as tf.Tensor2D,
    forwardHead: (features, training = false) =>
      groups[headIndex]?.forward(features, isTraining(training, 'head')) as tf.Tensor2D,
    resetHead(classes: number, own?: HeadFunction) {
      for (const name of [...store.tensors.keys()].filter((key) => key.startsWith(`${HEAD}.`)))
        store.remove(name);
      head = createHead(store, HEAD, hiddenSize, classes, own);
      numClasses = classes;
    },
    dispose: () => store.dispose(),
  };
  return model;
}
