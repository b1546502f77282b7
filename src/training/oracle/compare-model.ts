/**
 * Builds the network of a reference file with hash-made weights and compares every value that the file has: outputs and
 * features in evaluation mode, loss, gradients and BatchNorm statistics in training mode, five steps of every optimizer run.
 */
import type * as tf from '@tensorflow/tfjs';
import { denseGradient } from '../engine/optimizers/row-gradients';
import type { Engine, NamedData, Optimizer, ParameterGroup } from '../engine/types';
import type { Network } from '../models/model';
import type { ModelTensor } from '../models/layers/parameters';
import { assignValues, toCheckpointOrder } from '../weights/load';
import { Comparison } from './comparison';
import { hashValues, probe } from './hash';
import type { Reference, ReferenceRun, Statistics } from './reference';
import { subjectOf, type Example, type Lesson, type Subject } from './subject';

export async function compareModel(
  engine: Engine,
  reference: Reference,
  onProgress: (text: string) => void = () => undefined,
): Promise<Comparison> {
  const comparison = new Comparison(reference.fp32Deviation);
  const subject = subjectOf(reference);
  compareNames(reference, subject, comparison);
  for (const row of reference.eval) {
    const example = subject.evaluation(row);
    onProgress(`evaluation of ${example.title}`);
    compareEvaluation(engine, { reference, subject }, example, row.features, comparison);
  }
  if (subject.greedy && reference.greedy.length > 0) {
    onProgress('greedy texts');
    const model = build({ reference, subject });
    await subject.greedy(engine, model, reference.greedy, comparison);
    model.dispose();
  }
  if (reference.train) {
    const lesson = subject.training(reference.train);
    onProgress('training mode');
    compareTraining(engine, { reference, subject }, lesson, reference.train, comparison);
    for (const run of reference.runs) {
      onProgress(`run ${run.name}`);
      compareRun(engine, { reference, subject }, lesson, run, comparison);
    }
  }
  return comparison;
}

/** A file, and what is peculiar to its kind of network. */
interface Task {
  readonly reference: Reference;
  readonly subject: Subject;
}

/** The network with the file's hash-made weights. */
function build({ reference, subject }: Task): Network {
  const model = subject.build();
  const made = new Set<string>();
  for (const row of [...reference.parameters, ...reference.buffers]) {
    const tensor = model.store.tensors.get(row.name);
    if (!tensor || tensor.variable.size !== countOf(row)) continue;
    assignValues(tensor, initialValues(row));
    made.add(row.name);
  }
  model.store.drawPending(made);
  return model;
}

type TensorRow = Reference['parameters'][number];

const countOf = ({ shape }: TensorRow): number => shape.reduce((product, size) => product * size, 1);

const initialValues = (row: TensorRow): Float32Array =>
  hashValues(row.name, countOf(row), row.scale, row.offset);

function compareNames(reference: Reference, subject: Subject, comparison: Comparison): void {
  const model = subject.build();
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
  task: Task,
  example: Example,
  features: Reference['eval'][number]['features'],
  comparison: Comparison,
): void {
  const model = build(task);
  const { title } = example;
  const told = { ...features, ...example.statistics };
  const compiled = engine.compileFunction({
    name: `${task.reference.name}, evaluation`,
    inputs: example.inputs,
    run: (inputs) => {
      const observed: Record<string, tf.Tensor> = {};
      const observe = (name: string, value: tf.Tensor): void => {
        if (name in told) observed[`feature ${name}`] = value;
      };
      return { ...example.forward(model, inputs, false, observe), ...observed };
    },
  });
  comparison.addExact(
    'kernels not compiled',
    compiled.info.uncompiled.length,
    compiled.info.uncompiled.join(),
  );
  const outputs = compiled.run(example.data);
  compareOutputs('evalLogits', outputs, example, comparison);
  for (const [name, expected] of Object.entries(told)) {
    const raw = outputs[`feature ${name}`];
    const values = raw instanceof Float32Array ? task.subject.inFileOrder(raw, expected.shape) : undefined;
    compareStatistics(values, name, expected, title, comparison);
  }
  for (const [name, expected] of Object.entries(example.exactly ?? {})) {
    const wrong = expected.findIndex((value, index) => outputs[name]?.[index] !== value);
    comparison.addExact(name, wrong < 0 ? 0 : 1, `${title} ${name} ${wrong < 0 ? '' : wrong}`);
  }
  compiled.dispose();
  model.dispose();
}

function compareStatistics(
  values: Float32Array | undefined,
  name: string,
  expected: Statistics,
  title: string,
  comparison: Comparison,
): void {
  const where = `${title} ${name}`;
  if (!values) {
    comparison.add('featureMean', NaN, `${where} (missing)`);
    return;
  }
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

function compareOutputs(
  kind: 'evalLogits' | 'trainLogits',
  outputs: NamedData,
  { title, expected }: Example,
  comparison: Comparison,
): void {
  for (const [name, rows] of Object.entries(expected)) {
    const values = outputs[name] ?? new Float32Array(0);
    const stride = values.length / rows.length;
    for (const [row, numbers] of rows.entries())
      for (const [column, number] of numbers.entries()) {
        const actual = values[row * stride + column] ?? NaN;
        comparison.add(kind, Math.abs(actual - number), `${title} ${name} [${row}, ${column}]`);
      }
  }
}

type TrainReference = NonNullable<Reference['train']>;

function compileWhole(
  engine: Engine,
  { reference }: Task,
  lesson: Lesson,
  model: Network,
  trainable: readonly string[],
) {
  const isTrained = (name: string): boolean => trainable.some((prefix) => name.startsWith(prefix));
  const tensors = [...model.store.tensors.values()];
  const trained = tensors.filter(({ name, kind }) => kind === 'parameter' && isTrained(name));
  const modes = new Set(
    model.layerGroups.filter(({ prefixes }) => prefixes.some(isTrained)).map(({ name }) => name),
  );
  const step = engine.compileStep({
    name: `${reference.name}, ${trainable.join(' ')}`,
    inputs: lesson.inputs,
    trainable: trained.map(({ variable }) => variable),
    forward: (inputs) => {
      const outputs = lesson.forward(model, inputs, modes);
      return { loss: lesson.loss(outputs, inputs), outputs };
    },
  });
  return { step, run: () => step.run(lesson.data), trained };
}

function compareTraining(
  engine: Engine,
  task: Task,
  lesson: Lesson,
  expected: TrainReference,
  comparison: Comparison,
): void {
  const { reference, subject } = task;
  const model = build(task);
  const { step, run } = compileWhole(engine, task, lesson, model, ['']);
  comparison.addExact('kernels not compiled', step.info.uncompiled.length, step.info.uncompiled.join());
  const { loss, outputs, gradients } = run();
  comparison.add('loss', Math.abs(loss - expected.loss), 'train');
  compareOutputs('trainLogits', outputs, lesson, comparison);
  for (const [name, told] of Object.entries(lesson.statistics ?? {}))
    compareStatistics(outputs[name] as Float32Array | undefined, name, told, lesson.title, comparison);
  let square = 0;
  const leftOut = new Set([...reference.zeroGradient, ...reference.noisyGradient]);
  for (const [name, [norm, along]] of Object.entries(expected.gradients)) {
    const tensor = model.store.get(name);
    const given = gradients.get(tensor.variable.name) ?? new Float32Array(0);
    const raw = inCheckpointOrder(tensor, denseGradient(given, tensor.variable.size));
    const gradient = subject.withoutNoise?.(name, raw) ?? raw;
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
  task: Task,
  lesson: Lesson,
  expected: ReferenceRun,
  comparison: Comparison,
): void {
  const { reference } = task;
  const model = build(task);
  const { step, run, trained } = compileWhole(engine, task, lesson, model, expected.trainable);
  engine.adopt(trained.map(({ variable }) => variable));
  // Made again instead of kept: a copy of all weights would be half a gigabyte of VGG's.
  const rows = new Map([...reference.parameters, ...reference.buffers].map((row) => [row.name, row]));
  const initial = (name: string): Float32Array => {
    const row = rows.get(name);
    return row ? initialValues(row) : new Float32Array(0);
  };
  const optimizer = makeOptimizer(engine, expected, trained);
  for (const [index, loss] of expected.losses.entries()) {
    const result = run();
    const where = `step ${index + 1} of ${lesson.title}`;
    comparison.addRun(expected.name, 'loss', Math.abs(result.loss - loss), where);
    const { gradientNorm } = optimizer.apply(result.gradients);
    const norm = expected.gradientNorms[index] ?? NaN;
    comparison.addRun(expected.name, 'gradientNorm', Math.abs(gradientNorm - norm) / norm, where);
  }
  for (const [name, [norm, along]] of Object.entries(expected.changes)) {
    if (reference.zeroGradient.includes(name)) continue;
    const tensor = model.store.get(name);
    const ordered = inCheckpointOrder(tensor, engine.data(tensor.variable) as Float32Array);
    const start = initial(name);
    for (let index = 0; index < ordered.length; index++)
      ordered[index] = (ordered[index] ?? 0) - (start[index] ?? 0);
    task.subject.withoutNoise?.(name, ordered);
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
  for (const tensor of frozen) {
    const now = inCheckpointOrder(tensor, engine.data(tensor.variable) as Float32Array);
    const start = initial(tensor.name);
    let moved = 0;
    for (let index = 0; index < now.length; index++) if (!Object.is(now[index], start[index])) moved++;
    comparison.addExact(`${expected.name}: frozen values that moved`, moved, tensor.name);
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
  // As the files' torch.optim.AdamW and SGD.
  const common = {
    groups,
    embeddingUpdates: 'dense',
    ...(run.clipNorm === null ? {} : { clipNorm: run.clipNorm }),
  } as const;
  const { optimizer } = run;
  if (optimizer.type === 'SGD')
    return engine.createOptimizer({ kind: 'sgd', momentum: optimizer.momentum, ...common });
  const [beta1, beta2] = optimizer.betas;
  return engine.createOptimizer({ kind: 'adamw', beta1, beta2, epsilon: optimizer.eps, ...common });
}

function inCheckpointOrder({ checkpointShape, layout }: ModelTensor, values: Float32Array): Float32Array {
  return toCheckpointOrder(values, checkpointShape, layout);
}

// Loops, not reduce: VGG's first linear layer has 103 million values.
function sum(values: Float32Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function l2(values: Float32Array): number {
  let total = 0;
  for (const value of values) total += value * value;
  return Math.sqrt(total);
}

function dot(values: Float32Array, name: string): number {
  const vector = probe(name, values.length);
  let total = 0;
  for (let index = 0; index < values.length; index++) total += (values[index] ?? 0) * (vector[index] ?? 0);
  return total;
}
