import type * as tf from '@tensorflow/tfjs';
import type { DataInfo, Evaluation, LayerGroupInfo, Prediction } from '../protocol/events';
import type { Split } from './data/dataset';
import { gatherRows } from './data/dataset';
import type { CompiledFunction, Engine, Optimizer, TrainingStep } from './engine/types';
import type { LossFunction } from './experiment';
import { forwardGroups, parametersOf, tensorsOf, type LayerGroup, type TransferModel } from './models/model';
import type { OptimizerSettings, Phase } from './strategies/strategy';
import { classificationLoss, evaluate } from './tasks/image-classification';

/** What trains in a phase. */
export interface TrainedPart {
  /** Index of the first group that trains: the groups before it are the frozen prefix. */
  readonly from: number;
  readonly groups: readonly LayerGroup[];
  readonly names: ReadonlySet<string>;
  readonly parameters: readonly tf.Variable[];
  /** Parameters and running statistics: all that may change. */
  readonly changing: readonly tf.Variable[];
}

export function trainedPart(model: TransferModel, phase: Pick<Phase, 'learningRates'>): TrainedPart {
  const groups = model.layerGroups.filter(({ name }) => phase.learningRates[name] !== undefined);
  const variablesOf = (tensors: typeof parametersOf) =>
    groups.flatMap((group) => tensors(model, group).map(({ variable }) => variable));
  return {
    from: model.layerGroups.findIndex(({ name }) => phase.learningRates[name] !== undefined),
    groups,
    names: new Set(groups.map(({ name }) => name)),
    parameters: variablesOf(parametersOf),
    changing: variablesOf(tensorsOf),
  };
}

export function describeGroups(model: TransferModel, phase: Phase): LayerGroupInfo[] {
  return model.layerGroups.map((group) => {
    const learningRate = phase.learningRates[group.name];
    const parameters = parametersOf(model, group).reduce((sum, { variable }) => sum + variable.size, 0);
    return {
      name: group.name,
      parameters,
      trainable: learningRate !== undefined,
      ...(learningRate === undefined ? {} : { learningRate }),
    };
  });
}

export interface StepOptions {
  readonly batchSize: number;
  /** Of the features that the prefix makes, or of the pictures. */
  readonly itemShape: readonly number[];
  readonly loss?: LossFunction;
}

/** Forward and gradients of the trained part, on the features of the frozen prefix. */
export function compileTrainingStep(
  engine: Engine,
  model: TransferModel,
  part: TrainedPart,
  name: string,
  { batchSize, itemShape, loss: own }: StepOptions,
): TrainingStep {
  return engine.compileStep({
    name: `${name}, batch ${batchSize}`,
    inputs: {
      items: { shape: [batchSize, ...itemShape], dtype: 'float32' },
      labels: { shape: [batchSize, model.numClasses], dtype: 'float32' },
      mask: { shape: [batchSize], dtype: 'float32' },
    },
    trainable: part.parameters,
    forward: ({ items, labels, mask }) => {
      const range = { from: part.from, to: model.layerGroups.length };
      const logits = forwardGroups(model, items as tf.Tensor, range, part.names) as tf.Tensor2D;
      const loss = classificationLoss(logits, labels as tf.Tensor2D, mask as tf.Tensor1D, own);
      return { loss, outputs: { logits } };
    },
  });
}

/** Norms and biases of a layer group are a parameter group of their own. */
const vectorsOf = (group: string): string => `${group}, norms and biases`;

/** The schedule's factor for every parameter group of the phase's optimizer. */
export function factorsOf(phase: Phase, factor: number): Record<string, number> {
  const names = Object.keys(phase.learningRates);
  return Object.fromEntries([...names, ...names.map(vectorsOf)].map((name) => [name, factor]));
}

/** AdamW, Adam or SGD with a group per layer group; norms and biases are not decayed. */
export function createOptimizer(
  engine: Engine,
  model: TransferModel,
  phase: Phase,
  settings: OptimizerSettings,
): Optimizer {
  const part = trainedPart(model, phase);
  const groups = part.groups.flatMap((group) => {
    const variables = parametersOf(model, group).map(({ variable }) => variable);
    const learningRate = phase.learningRates[group.name] ?? 0;
    return [
      {
        name: group.name,
        variables: variables.filter(({ rank }) => rank > 1),
        learningRate,
        weightDecay: settings.weightDecay,
      },
      {
        name: vectorsOf(group.name),
        variables: variables.filter(({ rank }) => rank <= 1),
        learningRate,
        weightDecay: 0,
      },
    ].filter(({ variables: some }) => some.length > 0);
  });
  const clip = settings.clipNorm === undefined ? {} : { clipNorm: settings.clipNorm };
  return settings.optimizer === 'sgd'
    ? engine.createOptimizer({ kind: 'sgd', momentum: 0.9, groups, ...clip })
    : engine.createOptimizer({ kind: settings.optimizer, groups, ...clip });
}

/** Scores a split with the weights as they are now. */
export interface Evaluator {
  run(
    split: Evaluation['split'],
    data: Split,
    info: DataInfo,
  ): { evaluation: Evaluation; predictions: Prediction[] };
  dispose(): void;
}

/** @param part what may have changed since compiling: it is fed at each run, all else is constant */
export function compileEvaluator(
  engine: Engine,
  model: TransferModel,
  part: TrainedPart,
  { batchSize, itemShape }: StepOptions,
): Evaluator {
  const compiled = engine.compileFunction({
    name: `evaluation, batch ${batchSize}`,
    inputs: { items: { shape: [batchSize, ...itemShape], dtype: 'float32' } },
    fed: part.changing,
    run: ({ items }) => ({
      logits: forwardGroups(
        model,
        items as tf.Tensor,
        { from: part.from, to: model.layerGroups.length },
        false,
      ),
    }),
  });
  return {
    run: (split, data, info) => {
      const logits = runInBatches(compiled, 'logits', data, batchSize, itemShape);
      return evaluate(split, logits, data.labels, data.files, info.classNames);
    },
    dispose: () => compiled.dispose(),
  };
}

/** Runs a function with the input `items` over all items, in batches of one size; the last is filled up and cut. */
export function runInBatches(
  compiled: CompiledFunction,
  output: string,
  data: Pick<Split, 'count' | 'values'>,
  batchSize: number,
  itemShape: readonly number[],
  onBatch?: (done: number) => void,
): Float32Array {
  const itemSize = itemShape.reduce((product, size) => product * size, 1);
  const items = new Float32Array(batchSize * itemSize);
  let result = new Float32Array(0);
  for (let start = 0; start < data.count; start += batchSize) {
    const rows = Math.min(batchSize, data.count - start);
    const indices = Int32Array.from({ length: batchSize }, (_, row) => start + Math.min(row, rows - 1));
    gatherRows(data.values, indices, itemSize, items);
    const values = compiled.run({ items })[output] as Float32Array;
    const rowSize = values.length / batchSize;
    if (start === 0) result = new Float32Array(data.count * rowSize);
    result.set(values.subarray(0, rows * rowSize), start * rowSize);
    onBatch?.(start + rows);
  }
  return result;
}
