import type * as tf from '@tensorflow/tfjs';
import type { DataInfo, Evaluation, Prediction } from '../protocol/events';
import type { Split } from './data/dataset';
import { gatherRows } from './data/dataset';
import type { CompiledFunction, Engine, Optimizer, TrainingStep } from './engine/types';
import { maskInputs, pickMasks, type MaskSpec } from './models/layers/dropout';
import {
  forwardGroups,
  masksOf,
  partsOf,
  tensorsOf,
  type LayerGroup,
  type Network,
  type TransferModel,
} from './models/model';
import type { BatchNormPolicy } from './strategies/batch-norm';
import type { OptimizerSettings, Phase } from './strategies/strategy';
import { whatTrains, type GroupState } from './strategies/what-trains';
import { classificationLoss, evaluate, type ClassificationLoss } from './tasks/image-classification';

/** What trains in a phase. */
export interface TrainedPart {
  /** Index of the first group that changes or looks at a batch: the groups before it are the frozen prefix. */
  readonly from: number;
  /** Every group from input to output. */
  readonly states: readonly GroupState[];
  /** Groups that train as a whole: their dropout is at work. */
  readonly active: readonly LayerGroup[];
  /** Groups whose BatchNorm is in training mode. */
  readonly batchNorm: ReadonlySet<string>;
  readonly parameters: readonly tf.Variable[];
  /** Parameters and running statistics: all that may change. */
  readonly changing: readonly tf.Variable[];
}

export function trainedPart(
  model: Network,
  phase: Pick<Phase, 'learningRates' | 'parameters'>,
  policy?: BatchNormPolicy,
): TrainedPart {
  const states = whatTrains(partsOf(model), phase, policy);
  const batchNorm = new Set(
    states.filter((state) => state.batchNorm?.mode === 'train').map(({ name }) => name),
  );
  const parameters = states.flatMap(({ trains }) =>
    [...trains].map((name) => model.store.get(name).variable),
  );
  const statistics = model.layerGroups
    .filter(({ name }) => batchNorm.has(name))
    .flatMap((group) => tensorsOf(model, group).filter(({ kind }) => kind === 'buffer'));
  return {
    from: states.findIndex(({ cached }) => !cached),
    states,
    active: model.layerGroups.filter((_, index) => states[index]?.active),
    batchNorm,
    parameters,
    changing: [...parameters, ...statistics.map(({ variable }) => variable)],
  };
}

/** The part of a model that changes in no phase: for whoever only evaluates. */
export function nothingTrains(model: TransferModel): TrainedPart {
  return { ...trainedPart(model, { learningRates: {} }), from: 0 };
}

export interface StepOptions {
  readonly batchSize: number;
  /** Of the features that the prefix makes, or of the pictures. */
  readonly itemShape: readonly number[];
  readonly loss?: ClassificationLoss;
}

/** A step, and the random masks that it is to be fed with: see `drawMasks`. */
export interface MaskedStep extends TrainingStep {
  readonly masks: readonly MaskSpec[];
}

/** Forward and gradients of the trained part, on the features of the frozen prefix. */
export function compileTrainingStep(
  engine: Engine,
  model: TransferModel,
  part: TrainedPart,
  name: string,
  { batchSize, itemShape, loss: lossOptions }: StepOptions,
): MaskedStep {
  const masks = masksOf(part.active, batchSize, itemShape);
  const step = engine.compileStep({
    name: `${name}, batch ${batchSize}`,
    inputs: {
      items: { shape: [batchSize, ...itemShape], dtype: 'float32' },
      labels: { shape: [batchSize, model.numClasses], dtype: 'float32' },
      mask: { shape: [batchSize], dtype: 'float32' },
      ...maskInputs(masks),
    },
    trainable: part.parameters,
    forward: ({ items, labels, mask, ...rest }) => {
      const range = { from: part.from, to: model.layerGroups.length };
      const dropped = pickMasks(masks, rest);
      const logits = forwardGroups(model, items as tf.Tensor, range, part.batchNorm, undefined, dropped);
      const loss = classificationLoss(
        logits as tf.Tensor2D,
        labels as tf.Tensor2D,
        mask as tf.Tensor1D,
        lossOptions,
      );
      return { loss, outputs: { logits } };
    },
  });
  return { ...step, masks };
}

/** Norms and biases of a layer group are a parameter group of their own. */
const vectorsOf = (group: string): string => `${group}, norms and biases`;

/** The schedule's factor for every parameter group of the phase's optimizer. */
export function factorsOf(part: TrainedPart, factor: number): Record<string, number> {
  const names = part.states.filter(({ trains }) => trains.size > 0).map(({ name }) => name);
  return Object.fromEntries([...names, ...names.map(vectorsOf)].map((name) => [name, factor]));
}

/** AdamW, Adam or SGD with a group per layer group; norms and biases are not decayed. */
export function createOptimizer(
  engine: Engine,
  model: Network,
  part: TrainedPart,
  settings: OptimizerSettings,
): Optimizer {
  const groups = part.states.flatMap(({ name, trains, learningRate = 0 }) => {
    const variables = [...trains].map((parameter) => model.store.get(parameter).variable);
    return [
      {
        name,
        variables: variables.filter(({ rank }) => rank > 1),
        learningRate,
        weightDecay: settings.weightDecay,
      },
      {
        name: vectorsOf(name),
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
      const logits = runInBatches(compiled, 'logits', itemsOf(data, itemShape), batchSize, itemShape);
      return evaluate(split, logits, data.labels, data.files, info.classNames);
    },
    dispose: () => compiled.dispose(),
  };
}

/** Items to run over, and how to copy some of them. */
export interface ItemSource {
  readonly count: number;
  fill(indices: Int32Array, target: Float32Array): void;
}

export function itemsOf(
  { count, values }: Pick<Split, 'count' | 'values'>,
  itemShape: readonly number[],
): ItemSource {
  const itemSize = itemShape.reduce((product, size) => product * size, 1);
  return { count, fill: (indices, target) => gatherRows(values, indices, itemSize, target) };
}

/** Runs a function with the input `items` over all items, in batches of one size; the last is filled up and cut. */
export function runInBatches(
  compiled: CompiledFunction,
  output: string,
  source: ItemSource,
  batchSize: number,
  itemShape: readonly number[],
  onBatch?: (done: number) => void,
): Float32Array {
  const itemSize = itemShape.reduce((product, size) => product * size, 1);
  const items = new Float32Array(batchSize * itemSize);
  let result = new Float32Array(0);
  for (let start = 0; start < source.count; start += batchSize) {
    const rows = Math.min(batchSize, source.count - start);
    const indices = Int32Array.from({ length: batchSize }, (_, row) => start + Math.min(row, rows - 1));
    source.fill(indices, items);
    const values = compiled.run({ items })[output] as Float32Array;
    const rowSize = values.length / batchSize;
    if (start === 0) result = new Float32Array(source.count * rowSize);
    result.set(values.subarray(0, rows * rowSize), start * rowSize);
    onBatch?.(start + rows);
  }
  return result;
}
