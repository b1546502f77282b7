/** ResNets and VGGs: pictures made by the hash, one output `logits`, cross entropy. */
import type * as tf from '@tensorflow/tfjs';
import * as z from 'zod';
import { forwardGroups, type Network } from '../models/model';
import { createResNet, type ResNetConfig } from '../models/resnet';
import { createVgg, vggSizes, type VggConfig } from '../models/vgg';
import { classificationLoss, oneHot } from '../tasks/image-classification';
import { hashImage } from './hash';
import { parseRow, type Reference } from './reference';
import type { Example, Lesson, Subject } from './subject';

const numbers = z.array(z.number());
const configSchema = z.looseObject({ family: z.enum(['resnet', 'vgg']), numClasses: z.number() });
const evaluationSchema = z.looseObject({
  input: z.object({ image: z.string(), shape: numbers }),
  logits: z.array(numbers),
});
const trainingSchema = evaluationSchema.extend({
  input: evaluationSchema.shape.input.extend({ labels: numbers }),
});

export function visionSubject(reference: Reference): Subject {
  const { name } = reference;
  const { family, numClasses } = parseRow(configSchema, reference.config, `${name}, config`);
  return {
    build: () => (family === 'vgg' ? buildVgg(reference, numClasses) : buildResNet(reference, numClasses)),
    evaluation: (row) => example(parseRow(evaluationSchema, row, `${name}, eval`)),
    training: (row) => lesson(parseRow(trainingSchema, row, `${name}, train`), numClasses),
    inFileOrder: toNchw,
  };
}

/** Depth, width and kind of block follow from the names and shapes. */
function buildResNet({ name, parameters }: Reference, numClasses: number): Network {
  const names = parameters.map((parameter) => parameter.name);
  const count = (stage: number): number =>
    new Set(names.filter((n) => n.startsWith(`layer${stage}.`)).map((n) => n.split('.')[1])).size;
  const resnet: ResNetConfig = {
    block: names.some((n) => n.endsWith('.conv3.weight')) ? 'bottleneck' : 'basic',
    blocks: [count(1), count(2), count(3), count(4)],
    width: parameters.find((parameter) => parameter.name === 'conv1.weight')?.shape[0] ?? 64,
    numClasses,
  };
  return createResNet(name, resnet, 0, true);
}

/** A convolution is a tensor of rank 4; a gap in the numbers of `features` that is wider than within a stage is a pool. */
function buildVgg({ name, parameters }: Reference, numClasses: number): Network {
  const shapes = new Map(parameters.map((parameter) => [parameter.name, parameter.shape]));
  const indices = parameters
    .filter(({ name: tensor, shape }) => tensor.startsWith('features.') && shape.length === 4)
    .map(({ name: tensor }) => Number(tensor.split('.')[1]));
  const withNorm = parameters.some(({ name: tensor, shape }) => {
    const [part, index] = tensor.split('.');
    return part === 'features' && shape.length === 1 && !indices.includes(Number(index));
  });
  const counts = [0];
  for (const [k, index] of indices.entries()) {
    if (k > 0 && index - (indices[k - 1] ?? 0) > (withNorm ? 3 : 2)) counts.push(0);
    counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1;
  }
  const vgg: VggConfig = {
    convolutions: counts as unknown as VggConfig['convolutions'],
    batchNorm: withNorm,
    ...vggSizes(shapes),
    numClasses,
  };
  return createVgg(name, vgg, 0, true);
}

function example({ input, logits }: z.infer<typeof evaluationSchema>): Example {
  const [batch = 1, channels = 3, height = 1, width = 1] = input.shape;
  return {
    title: input.image,
    inputs: { images: { shape: [batch, height, width, channels], dtype: 'float32' } },
    data: { images: toNhwc(hashImage(input.image, input.shape), input.shape) },
    expected: { logits },
    forward: (network, { images }, mode, observe) => {
      const range = { from: 0, to: network.layerGroups.length };
      return { logits: forwardGroups(network, images as tf.Tensor, range, mode, observe) };
    },
  };
}

function lesson(row: z.infer<typeof trainingSchema>, numClasses: number): Lesson {
  const one = example(row);
  const [batch = 1] = row.input.shape;
  return {
    ...one,
    inputs: {
      ...one.inputs,
      labels: { shape: [batch, numClasses], dtype: 'float32' },
      mask: { shape: [batch], dtype: 'float32' },
    },
    data: {
      ...one.data,
      labels: oneHot(row.input.labels, batch, numClasses),
      mask: new Float32Array(batch).fill(1),
    },
    loss: ({ logits }, { labels, mask }) =>
      classificationLoss(logits as tf.Tensor2D, labels as tf.Tensor2D, mask as tf.Tensor1D),
  };
}

/** [N, C, H, W] → [N, H, W, C] */
function toNhwc(
  values: Float32Array,
  [batch = 1, channels = 1, height = 1, width = 1]: readonly number[],
): Float32Array {
  const out = new Float32Array(values.length);
  let from = 0;
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++)
      for (let pixel = 0; pixel < height * width; pixel++)
        out[(n * height * width + pixel) * channels + c] = values[from++] ?? 0;
  return out;
}

/** [N, H, W, C] → [N, C, H, W]. @param shape the latter; shorter shapes have nothing to move */
function toNchw(values: Float32Array, shape: readonly number[]): Float32Array {
  const [batch = 1, channels = 1, height = 1, width = 1] = shape;
  const out = new Float32Array(values.length);
  let to = 0;
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++)
      for (let pixel = 0; pixel < height * width; pixel++)
        out[to++] = values[(n * height * width + pixel) * channels + c] ?? 0;
  return out;
}
