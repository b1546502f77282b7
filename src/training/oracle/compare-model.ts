/**
 * Builds the network of a reference file with hash-made weights and compares every value that the file has: outputs and
 * features in evaluation mode, loss, gradients and BatchNorm statistics in training mode, five steps of every optimizer run.
 */
import type * as tf from '@tensorflow/tfjs';
import { LearnerError } from '../../protocol/errors';
import type { Engine, Optimizer, ParameterGroup } from '../engine/types';
import { forwardGroups, type TransferModel } from '../models/model';
import { createResNet, type ResNetConfig } from '../models/resnet';
import type { ModelTensor } from '../models/layers/parameters';
import { classificationLoss, oneHot } from '../tasks/image-classification';
import { assignValues, toCheckpointOrder } from '../weights/load';
import { Comparison } from './comparison';
import { hashImage, hashValues, probe } from './hash';
import type { Reference, ReferenceRun } from './reference';

/** By config.family; a new family is a line. */
const FAMILIES: Readonly<Record<string, (reference: Reference) => TransferModel>> = { resnet: buildResNet };

export function compareModel(
  engine: Engine,
  reference: Reference,
  onProgress: (text: string) => void = () => undefined,
): Comparison {
  const comparison = new Comparison(reference.fp32Deviation);
  compareNames(reference, comparison);
  for (const example of reference.eval) {
    onProgress(`evaluation of ${example.input.image}`);
    compareEvaluation(engine, reference, example, comparison);
  }
  if (reference.train) {
    onProgress('training mode');
    compareTraining(engine, reference, reference.train, comparison);
    for (const run of reference.runs) {
      onProgress(`run ${run.name}`);
      compareRun(engine, reference, reference.train, run, comparison);
    }
  }
  return comparison;
}

/** The model with the file's hash-made weights. */
function build(reference: Reference): TransferModel {
  const make = FAMILIES[reference.config.family];
  if (!make) {
    throw new LearnerError({
      code: 'reference-family',
      message: `${reference.name} is of family "${reference.config.family}"; known: ${Object.keys(FAMILIES).join(', ')}.`,
      remedy: `Give a file of one of these families: ${Object.keys(FAMILIES).join(', ')}.`,
    });
  }
  const model = make(reference);
  for (const { name, shape, scale, offset } of [...reference.parameters, ...reference.buffers]) {
    const tensor = model.store.tensors.get(name);
    const count = shape.reduce((product, size) => product * size, 1);
    if (tensor && tensor.variable.size === count)
      assignValues(tensor, hashValues(name, count, scale, offset));
  }
  return model;
}

/** Depth, width and kind of block follow from the names and shapes. */
function buildResNet({ name, config, parameters }: Reference): TransferModel {
  const names = parameters.map((parameter) => parameter.name);
  const count = (stage: number): number =>
    new Set(names.filter((n) => n.startsWith(`layer${stage}.`)).map((n) => n.split('.')[1])).size;
  const resnet: ResNetConfig = {
    block: names.some((n) => n.endsWith('.conv3.weight')) ? 'bottleneck' : 'basic',
    blocks: [count(1), count(2), count(3), count(4)],
    width: parameters.find((parameter) => parameter.name === 'conv1.weight')?.shape[0] ?? 64,
    numClasses: config.numClasses,
  };
  return createResNet(name, resnet, 0);
}

function compareNames(reference: Reference, comparison: Comparison): void {
  const model = build(reference);
  const expected = [...reference.parameters, ...reference.buffers].map(
    ({ name, shape }) => `${name} [${shape.join()}]`,
  );
  const found = new Set([
    ...[...model.store.tensors.values()].map(
      ({ name, checkpointShape }) => `${name} [${checkpointShape.join()}]`,
    ),
    ...[...model.store.counters.keys()].map((name) => `${name} []`),
  ]);
  const wrong = expected.filter((text) => !found.has(text));
  const difference = wrong.length + Math.abs(found.size - expected.length);
  comparison.addExact('names and shapes', difference, wrong[0] ?? 'all equal');
  model.dispose();
}

function compareEvaluation(
  engine: Engine,
  reference: Reference,
  { input, logits, features }: Reference['eval'][number],
  comparison: Comparison,
): void {
  const model = build(reference);
  const [batch = 1, channels = 3, height = 1, width = 1] = input.shape;
  const compiled = engine.compileFunction({
    name: `${reference.name}, evaluation`,
    inputs: { images: { shape: [batch, height, width, channels], dtype: 'float32' } },
    run: ({ images }) => {
      const outputs: Record<string, tf.Tensor> = {};
      const observe = (name: string, value: tf.Tensor): void => {
        if (name in features) outputs[name] = value;
      };
      const range = { from: 0, to: model.layerGroups.length };
      outputs['logits'] = forwardGroups(model, images as tf.Tensor, range, false, observe);
      return outputs;
    },
  });
  const outputs = compiled.run({ images: toNhwc(hashImage(input.image, input.shape), input.shape) });
  for (const [row, values] of logits.entries())
    for (const [column, expected] of values.entries()) {
      const actual = outputs['logits']?.[row * values.length + column] ?? NaN;
      comparison.add('evalLogits', Math.abs(actual - expected), `${input.image} [${row}, ${column}]`);
    }
  for (const [name, expected] of Object.entries(features)) {
    const where = `${input.image} ${name}`;
    const raw = outputs[name];
    if (!(raw instanceof Float32Array)) {
      comparison.add('featureMean', NaN, `${where} (missing)`);
      continue;
    }
    const values = toNchw(raw, expected.shape);
    const size = Math.hypot(expected.mean, expected.std);
    const mean = sum(values) / values.length;
    const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
    comparison.add('featureMean', Math.abs(mean - expected.mean) / size, where);
    comparison.add('featureStd', Math.abs(Math.sqrt(variance) - expected.std) / size, where);
    for (const [index, value] of expected.first.entries())
      comparison.add('featureFirst', Math.abs((values[index] ?? NaN) - value) / size, where);
    const length = size * Math.sqrt(values.length);
    comparison.add('featureDot', Math.abs(dot(values, name) - expected.dot) / length, where);
  }
  compiled.dispose();
  model.dispose();
}

type TrainReference = NonNullable<Reference['train']>;

function compileWhole(
  engine: Engine,
  reference: Reference,
  model: TransferModel,
  trainable: readonly string[],
) {
  const { input } = reference.train as TrainReference;
  const [batch = 1, channels = 3, height = 1, width = 1] = input.shape;
  const isTrained = (name: string): boolean => trainable.some((prefix) => name.startsWith(prefix));
  const tensors = [...model.store.tensors.values()];
  const trained = tensors.filter(({ name, kind }) => kind === 'parameter' && isTrained(name));
  const modes = new Set(
    model.layerGroups.filter(({ prefixes }) => prefixes.some(isTrained)).map(({ name }) => name),
  );
  const step = engine.compileStep({
    name: `${reference.name}, ${trainable.join(' ')}`,
    inputs: {
      images: { shape: [batch, height, width, channels], dtype: 'float32' },
      labels: { shape: [batch, model.numClasses], dtype: 'float32' },
      mask: { shape: [batch], dtype: 'float32' },
    },
    trainable: trained.map(({ variable }) => variable),
    forward: ({ images, labels, mask }) => {
      const range = { from: 0, to: model.layerGroups.length };
      const logits = forwardGroups(model, images as tf.Tensor, range, modes) as tf.Tensor2D;
      return {
        loss: classificationLoss(logits, labels as tf.Tensor2D, mask as tf.Tensor1D),
        outputs: { logits },
      };
    },
  });
  const run = () =>
    step.run({
      images: toNhwc(hashImage(input.image, input.shape), input.shape),
      labels: oneHot(input.labels, batch, model.numClasses),
      mask: new Float32Array(batch).fill(1),
    });
  return { step, run, trained };
}

function compareTraining(
  engine: Engine,
  reference: Reference,
  expected: TrainReference,
  comparison: Comparison,
): void {
  const model = build(reference);
  const { step, run } = compileWhole(engine, reference, model, ['']);
  const { loss, outputs, gradients } = run();
  comparison.add('loss', Math.abs(loss - expected.loss), 'train');
  for (const [row, values] of expected.logits.entries())
    for (const [column, value] of values.entries()) {
      const actual = outputs['logits']?.[row * values.length + column] ?? NaN;
      comparison.add('trainLogits', Math.abs(actual - value), `[${row}, ${column}]`);
    }
  let square = 0;
  const leftOut = new Set([...reference.zeroGradient, ...reference.noisyGradient]);
  for (const [name, [norm, along]] of Object.entries(expected.gradients)) {
    const tensor = model.store.get(name);
    const gradient = inCheckpointOrder(tensor, gradients.get(tensor.variable.name) ?? new Float32Array(0));
    square += l2(gradient) ** 2;
    if (leftOut.has(name)) continue;
    comparison.add('gradientNorm', Math.abs(l2(gradient) - norm) / norm, name);
    comparison.add('gradientDot', Math.abs(dot(gradient, name) - along) / norm, name);
  }
  const total = Math.abs(Math.sqrt(square) - expected.gradientNorm) / expected.gradientNorm;
  comparison.add('gradientTotalNorm', total, 'all tensors');
  for (const [name, [norm, along]] of Object.entries(expected.batchNorm)) {
    const values = engine.data(model.store.get(name).variable) as Float32Array;
    comparison.add('batchNormNorm', Math.abs(l2(values) - norm) / norm, name);
    comparison.add('batchNormDot', Math.abs(dot(values, name) - along) / norm, name);
  }
  step.dispose();
  model.dispose();
}

function compareRun(
  engine: Engine,
  reference: Reference,
  train: TrainReference,
  expected: ReferenceRun,
  comparison: Comparison,
): void {
  const model = build(reference);
  const { step, run, trained } = compileWhole(engine, reference, model, expected.trainable);
  engine.adopt(trained.map(({ variable }) => variable));
  const before = new Map(
    [...model.store.tensors].map(([name, { variable }]) => [
      name,
      (engine.data(variable) as Float32Array).slice(),
    ]),
  );
  const optimizer = makeOptimizer(engine, expected, trained);
  for (const [index, loss] of expected.losses.entries()) {
    const result = run();
    const where = `step ${index + 1} of ${train.input.image}`;
    comparison.addRun(expected.name, 'loss', Math.abs(result.loss - loss), where);
    const { gradientNorm } = optimizer.apply(result.gradients);
    const norm = expected.gradientNorms[index] ?? NaN;
    comparison.addRun(expected.name, 'gradientNorm', Math.abs(gradientNorm - norm) / norm, where);
  }
  for (const [name, [norm, along]] of Object.entries(expected.changes)) {
    if (reference.zeroGradient.includes(name)) continue;
    const tensor = model.store.get(name);
    const start = before.get(name) ?? new Float32Array(0);
    const change = (engine.data(tensor.variable) as Float32Array).map(
      (value, index) => value - (start[index] ?? 0),
    );
    const ordered = inCheckpointOrder(tensor, change);
    comparison.addRun(expected.name, 'changeNorm', Math.abs(l2(ordered) - norm) / norm, name);
    comparison.addRun(expected.name, 'changeDot', Math.abs(dot(ordered, name) - along) / norm, name);
  }
  for (const [name, [norm, along]] of Object.entries(expected.batchNorm)) {
    const values = engine.data(model.store.get(name).variable) as Float32Array;
    comparison.addRun(expected.name, 'batchNormNorm', Math.abs(l2(values) - norm) / norm, name);
    comparison.addRun(expected.name, 'batchNormDot', Math.abs(dot(values, name) - along) / norm, name);
  }
  const frozen = [...model.store.tensors.values()].filter(
    ({ name }) => !expected.trainable.some((prefix) => name.startsWith(prefix)),
  );
  for (const { name, variable } of frozen) {
    const start = before.get(name);
    const moved = (engine.data(variable) as Float32Array).filter(
      (value, index) => !Object.is(value, start?.[index]),
    );
    comparison.addExact(`${expected.name}: frozen values that moved`, moved.length, name);
  }
  optimizer.dispose();
  step.dispose();
  model.dispose();
}

function makeOptimizer(engine: Engine, run: ReferenceRun, trained: readonly ModelTensor[]): Optimizer {
  const groups: ParameterGroup[] = run.groups.map((group, index) => ({
    name: `group ${index}`,
    learningRate: group.learningRate,
    weightDecay: group.weightDecay,
    variables: trained
      .filter(({ name }) => group.prefixes.some((prefix) => name.startsWith(prefix)))
      .filter(({ checkpointShape: { length } }) =>
        group.tensors === 'all' ? true : group.tensors === 'matrices' ? length > 1 : length <= 1,
      )
      .map(({ variable }) => variable),
  }));
  const clip = run.clipNorm === null ? {} : { clipNorm: run.clipNorm };
  const { optimizer } = run;
  if (optimizer.type === 'SGD')
    return engine.createOptimizer({ kind: 'sgd', momentum: optimizer.momentum, groups, ...clip });
  const [beta1, beta2] = optimizer.betas;
  return engine.createOptimizer({ kind: 'adamw', beta1, beta2, epsilon: optimizer.eps, groups, ...clip });
}

function inCheckpointOrder({ checkpointShape, layout }: ModelTensor, values: Float32Array): Float32Array {
  return toCheckpointOrder(values, checkpointShape, layout);
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

function sum(values: Float32Array): number {
  return values.reduce((total, value) => total + value, 0);
}

function l2(values: Float32Array): number {
  return Math.sqrt(values.reduce((total, value) => total + value * value, 0));
}

function dot(values: Float32Array, name: string): number {
  const vector = probe(name, values.length);
  return values.reduce((total, value, index) => total + value * (vector[index] ?? 0), 0);
}
