/**
 * ResNet (He et al., 2015), version 1.5: the stride of a bottleneck sits in its 3x3 convolution.
 * Reference: torchvision models/resnet.py. Parameter names are torchvision's, so weights load by name.
 * Inside, pictures are [batch, height, width, channels].
 */
import * as tf from '@tensorflow/tfjs';
import type { HeadFunction } from '../experiment';
import { batchNorm } from './layers/batch-norm';
import { conv2d } from './layers/conv2d';
import { ParameterStore } from './layers/parameters';
import {
  createHead,
  forwardGroups,
  isTraining,
  throughMap,
  type LayerGroup,
  type MapParts,
  type Observe,
  type TrainingMode,
  type TransferModel,
} from './model';

export interface ResNetConfig {
  readonly block: 'basic' | 'bottleneck';
  /** Blocks in each of the four stages. */
  readonly blocks: readonly [number, number, number, number];
  /** Channels of the first stage: 64 in the paper, 32 in the embedded networks. */
  readonly width: number;
  readonly numClasses: number;
}

export const RESNETS = {
  resnet10: { block: 'basic', blocks: [1, 1, 1, 1] },
  resnet18: { block: 'basic', blocks: [2, 2, 2, 2] },
  resnet34: { block: 'basic', blocks: [3, 4, 6, 3] },
  resnet50: { block: 'bottleneck', blocks: [3, 4, 6, 3] },
  resnet101: { block: 'bottleneck', blocks: [3, 4, 23, 3] },
  resnet152: { block: 'bottleneck', blocks: [3, 8, 36, 3] },
} as const satisfies Record<string, Pick<ResNetConfig, 'block' | 'blocks'>>;

export type ResNetName = keyof typeof RESNETS;

interface Block {
  (inputs: tf.Tensor4D, training: boolean, observe?: Observe): tf.Tensor4D;
}

interface BlockOptions {
  readonly name: string;
  readonly inputs: number;
  readonly channels: number;
  readonly stride: number;
}

/** A bottleneck puts out four times the channels of its 3x3 convolution. */
const EXPANSION = { basic: 1, bottleneck: 4 } as const;

/** Two 3x3 convolutions around which the input passes. */
function basicBlock(store: ParameterStore, { name, inputs, channels, stride }: BlockOptions): Block {
  const conv1 = conv2d(store, `${name}.conv1`, { inputs, outputs: channels, size: 3, stride, padding: 1 });
  const bn1 = batchNorm(store, `${name}.bn1`, channels);
  const conv2 = conv2d(store, `${name}.conv2`, { inputs: channels, outputs: channels, size: 3, padding: 1 });
  const bn2 = batchNorm(store, `${name}.bn2`, channels);
  const shortcut = downsample(store, { name, inputs, channels, stride }, channels);
  return (x, training, observe) => {
    const first = conv1(x); // [B, H / stride, W / stride, channels]
    observe?.(`${name}.conv1`, first);
    const branch = bn2(conv2(tf.relu(bn1(first, training))), training);
    return tf.relu(tf.add(branch, shortcut(x, training)));
  };
}

/** 1x1 down, 3x3, 1x1 up to four times the channels. */
function bottleneck(store: ParameterStore, { name, inputs, channels, stride }: BlockOptions): Block {
  const outputs = channels * EXPANSION.bottleneck;
  const conv1 = conv2d(store, `${name}.conv1`, { inputs, outputs: channels, size: 1 });
  const bn1 = batchNorm(store, `${name}.bn1`, channels);
  const conv2 = conv2d(store, `${name}.conv2`, {
    inputs: channels,
    outputs: channels,
    size: 3,
    stride,
    padding: 1,
  });
  const bn2 = batchNorm(store, `${name}.bn2`, channels);
  const conv3 = conv2d(store, `${name}.conv3`, { inputs: channels, outputs, size: 1 });
  const bn3 = batchNorm(store, `${name}.bn3`, outputs);
  const shortcut = downsample(store, { name, inputs, channels, stride }, outputs);
  return (x, training, observe) => {
    const first = conv1(x); // [B, H, W, channels]
    observe?.(`${name}.conv1`, first);
    const second = tf.relu(bn2(conv2(tf.relu(bn1(first, training))), training));
    return tf.relu(tf.add(bn3(conv3(second), training), shortcut(x, training)));
  };
}

/** The way around a block: nothing where the shape stays, else a 1x1 convolution with stride. */
function downsample(store: ParameterStore, { name, inputs, stride }: BlockOptions, outputs: number): Block {
  if (stride === 1 && inputs === outputs) return (x) => x;
  const conv = conv2d(store, `${name}.downsample.0`, { inputs, outputs, size: 1, stride });
  const norm = batchNorm(store, `${name}.downsample.1`, outputs);
  return (x, training) => norm(conv(x), training);
}

/** A 7x7 convolution at stride 2 and a pool: a quarter of the picture's side. */
function stem(store: ParameterStore, width: number): LayerGroup {
  const conv1 = conv2d(store, 'conv1', { inputs: 3, outputs: width, size: 7, stride: 2, padding: 3 });
  const bn1 = batchNorm(store, 'bn1', width);
  return {
    name: 'stem',
    prefixes: ['conv1.', 'bn1.'],
    forward: (images, training, observe) => {
      const convolved = conv1(images as tf.Tensor4D); // [B, H / 2, W / 2, width]
      observe?.('conv1', convolved);
      const normalised = bn1(convolved, training);
      observe?.('bn1', normalised);
      const pooled = tf.maxPool(tf.relu(normalised), 3, 2, 1); // [B, H / 4, W / 4, width]
      observe?.('maxpool', pooled);
      return pooled;
    },
  };
}

function stage(
  store: ParameterStore,
  name: string,
  config: ResNetConfig,
  options: {
    readonly inputs: number;
    readonly channels: number;
    readonly count: number;
    readonly stride: number;
  },
  isLast: boolean,
): LayerGroup {
  const outputs = options.channels * EXPANSION[config.block];
  const makeBlock = config.block === 'basic' ? basicBlock : bottleneck;
  const blocks = Array.from({ length: options.count }, (_, index) =>
    makeBlock(store, {
      name: `${name}.${index}`,
      inputs: index === 0 ? options.inputs : outputs,
      channels: options.channels,
      stride: index === 0 ? options.stride : 1,
    }),
  );
  const map: MapParts = {
    to: (inputs, training, observe) => {
      let x = inputs as tf.Tensor4D;
      for (const [index, block] of blocks.entries()) {
        x = block(x, training, observe);
        observe?.(`${name}.${index}`, x);
      }
      observe?.(name, x);
      return x;
    },
    from: (x, observe) => {
      if (!isLast) return x;
      const features = tf.mean<tf.Tensor2D>(x, [1, 2]); // adaptive average pool to 1x1
      observe?.('avgpool', features);
      return features;
    },
  };
  return { name, prefixes: [`${name}.`], map, forward: throughMap(map) };
}

/** @param seed of the random weights that it begins with @param deferred see ParameterStore */
export function createResNet(
  architecture: string,
  config: ResNetConfig,
  seed: number,
  deferred = false,
): TransferModel {
  const store = new ParameterStore(seed, deferred);
  const expansion = EXPANSION[config.block];
  const groups: LayerGroup[] = [stem(store, config.width)];
  let inputs = config.width;
  for (const [index, count] of config.blocks.entries()) {
    const channels = config.width * 2 ** index;
    const options = { inputs, channels, count, stride: index === 0 ? 1 : 2 };
    groups.push(stage(store, `layer${index + 1}`, config, options, index === 3));
    inputs = channels * expansion;
  }
  const featureSize = inputs;
  let head = createHead(store, 'fc', featureSize, config.numClasses);
  let numClasses = config.numClasses;
  groups.push({ name: 'fc', prefixes: ['fc.'], forward: (features) => head(features as tf.Tensor2D) });
  const headIndex = groups.length - 1;
  const model: TransferModel = {
    architecture,
    store,
    layerGroups: groups,
    featureSize,
    get numClasses() {
      return numClasses;
    },
    get config() {
      const { block, blocks, width } = config;
      return { architecture, block, blocks, width, numClasses };
    },
    forwardFeatures: (images, training: TrainingMode, observe) =>
      forwardGroups(model, images, { from: 0, to: headIndex }, training, observe) as tf.Tensor2D,
    forwardHead: (features, training = false) =>
      groups[headIndex]?.forward(features, isTraining(training, 'fc')) as tf.Tensor2D,
    resetHead(classes: number, own?: HeadFunction) {
      for (const name of [...store.tensors.keys()].filter((key) => key.startsWith('fc.'))) store.remove(name);
      head = createHead(store, 'fc', featureSize, classes, own);
      numClasses = classes;
    },
    dispose: () => store.dispose(),
  };
  return model;
}
