import * as tf from '@tensorflow/tfjs';
import { createEngine } from '../src/training/engine/engine';
import type { Engine } from '../src/training/engine/types';
import { findPictureArchitecture } from '../src/training/models/index';
import { type TransferModel, tensorsOf } from '../src/training/models/model';
import { type Comparison, type Prepared, againstPyTorch } from './against-pytorch';
import { peerProgram } from './peer';
import type { Piece } from './piece';

const CLASSES = 10;

/** A piece of work on a network of torchvision's size, here and in torchvision. */
interface Work {
  /** Our name of the architecture, and torchvision's. */
  readonly architecture: string;
  readonly batch: number;
  /** Side of the square pictures. */
  readonly size: number;
  readonly target: Comparison['target'];
}

/** Forward, backward and update of the whole network: SGD with momentum 0.9. */
function wholeNetwork({ architecture, batch, size, target }: Work): Piece {
  const name = `${architecture}-step-${batch}x${size}`;
  const comparison: Comparison = {
    target,
    async prepare(threads) {
      const engine = await createEngine({ threads });
      const model = findPictureArchitecture(architecture).create({ numClasses: CLASSES, seed: 1 });
      const trainable = parametersOf(model);
      const program = trainingStep(engine, trainable, [size, size, 3], batch, (images) =>
        model.forwardHead(model.forwardFeatures(images as tf.Tensor4D, true), true),
      );
      const data = { inputs: picturesOf(batch, size), labels: labelsOf(batch) };
      return { ...program, run: () => program.run(data) };
    },
    peerProgram: (threads) =>
      peerProgram(
        threads,
        ['torch', 'torch.nn as nn', 'torchvision'],
        `
model = torchvision.models.${architecture}(num_classes=${CLASSES}).train()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
x, y = torch.randn(${batch}, 3, ${size}, ${size}), torch.arange(${batch}) % ${CLASSES}
def step():
    optimizer.zero_grad(); nn.functional.cross_entropy(model(x), y).backward(); optimizer.step()`,
      ),
  };
  return {
    name,
    summary: `${architecture}, training step of the whole network, batch ${batch} at ${size} px, SGD with momentum`,
    measure: (options) => againstPyTorch(comparison, options),
  };
}

/**
 * Feature extraction of `pictures` over some epochs. Here every picture passes the frozen layers once and what they say
 * is kept; PyTorch, as its tutorials have it, computes them anew in each epoch. One unit is all of it.
 */
function headOnly({ architecture, batch, size, target }: Work, pictures: number, epochs: number): Piece {
  const name = `${architecture}-head-${epochs}-epochs`;
  const batches = Math.ceil(pictures / batch);
  const comparison: Comparison = {
    target,
    unitsPerRound: 1,
    async prepare(threads) {
      const engine = await createEngine({ threads });
      const model = findPictureArchitecture(architecture).create({ numClasses: CLASSES, seed: 1 });
      const head = model.layerGroups.at(-1);
      if (!head) throw new Error(`${architecture} has no layers.`);
      const images = { shape: [batch, size, size, 3], dtype: 'float32' } as const;
      const frozen = engine.compileFunction({
        name: 'frozen layers',
        inputs: { images },
        run: (inputs) => ({ features: model.forwardFeatures(inputs['images'] as tf.Tensor4D, false) }),
      });
      const trainable = tensorsOf(model, head).map(({ variable }) => variable);
      const program = trainingStep(engine, trainable, [model.featureSize], batch, (features) =>
        model.forwardHead(features as tf.Tensor2D),
      );
      const one = picturesOf(batch, size);
      const labels = labelsOf(batch);
      return {
        ...program,
        run: () => {
          const kept = Array.from({ length: batches }, () =>
            frozen.run({ images: one })['features']?.slice(),
          );
          for (let epoch = 0; epoch < epochs; epoch++)
            for (const inputs of kept) if (inputs) program.run({ inputs: inputs as Float32Array, labels });
        },
      };
    },
    peerProgram: (threads) =>
      peerProgram(
        threads,
        ['torch', 'torch.nn as nn', 'torchvision'],
        `
model = torchvision.models.${architecture}(num_classes=${CLASSES}).eval()
head = model.fc if hasattr(model, 'fc') else model.classifier[6]
for p in model.parameters(): p.requires_grad = False
for p in head.parameters(): p.requires_grad = True
optimizer = torch.optim.SGD(head.parameters(), lr=0.01, momentum=0.9)
x, y = torch.randn(${batch}, 3, ${size}, ${size}), torch.arange(${batch}) % ${CLASSES}
def step():
    for _ in range(${epochs * batches}):
        optimizer.zero_grad(); nn.functional.cross_entropy(model(x), y).backward(); optimizer.step()`,
      ),
  };
  return {
    name,
    summary: `${architecture}, head only, ${pictures} pictures at ${size} px, ${epochs} epoch${epochs === 1 ? '' : 's'} in batches of ${batch}`,
    measure: (options) => againstPyTorch(comparison, options),
  };
}

export const visionSteps: readonly Piece[] = [
  wholeNetwork({ architecture: 'resnet18', batch: 16, size: 64, target: { 1: 1.2, 2: 1.2 } }),
  wholeNetwork({ architecture: 'resnet18', batch: 4, size: 224, target: { 1: 1.2, 2: 1.2 } }),
  wholeNetwork({ architecture: 'resnet50', batch: 8, size: 224, target: { 1: 1.3, 2: 1.3 } }),
  headOnly({ architecture: 'vgg16', batch: 4, size: 224, target: { 1: 1.2, 2: 1.2 } }, 8, 1),
  headOnly({ architecture: 'resnet18', batch: 16, size: 64, target: { 1: 0.2, 2: 0.2 } }, 200, 10),
];

interface Program extends Omit<Prepared, 'run'> {
  run(data: { inputs: Float32Array; labels: Int32Array }): void;
}

function trainingStep(
  engine: Engine,
  trainable: readonly tf.Variable[],
  itemShape: readonly number[],
  batch: number,
  logits: (inputs: tf.Tensor) => tf.Tensor2D,
): Program {
  engine.adopt(trainable);
  const step = engine.compileStep({
    name: 'benchmark',
    inputs: {
      inputs: { shape: [batch, ...itemShape], dtype: 'float32' },
      labels: { shape: [batch], dtype: 'int32' },
    },
    trainable,
    forward: ({ inputs, labels }) => ({
      loss: tf.losses.softmaxCrossEntropy(
        tf.oneHot(labels as tf.Tensor1D, CLASSES),
        logits(inputs as tf.Tensor),
      ),
    }),
  });
  const optimizer = engine.createOptimizer({
    kind: 'sgd',
    momentum: 0.9,
    groups: [{ name: 'all', variables: trainable, learningRate: 0.01, weightDecay: 0 }],
  });
  const { nodes, recordMs, buildMs, uncompiled } = step.info;
  return {
    facts: {
      nodes,
      recordMs: Math.round(recordMs),
      buildMs: Math.round(buildMs),
      uncompiled: uncompiled.join(),
    },
    run: (data) => void optimizer.apply(step.run(data).gradients),
    dispose: () => engine.dispose(),
  };
}

const parametersOf = (model: TransferModel): tf.Variable[] =>
  [...model.store.tensors.values()]
    .filter(({ kind }) => kind === 'parameter')
    .map(({ variable }) => variable);
const picturesOf = (batch: number, size: number): Float32Array =>
  Float32Array.from({ length: batch * size * size * 3 }, (_, i) => Math.sin(i * i));
const labelsOf = (batch: number): Int32Array => Int32Array.from({ length: batch }, (_, i) => i % CLASSES);
