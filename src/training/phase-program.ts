import * as tf from '@tensorflow/tfjs';
import type { DataInfo, Evaluation, Prediction } from '../protocol/events';
import { startsOf, type TextSplit } from './data/dataset';
import type {
  CompiledFunction,
  Engine,
  NamedTensors,
  Optimizer,
  TensorSpec,
  TrainingStep,
} from './engine/types';
import { maskInputs, pickMasks, type MaskSpec } from './models/layers/dropout';
import {
  forwardGroups,
  masksOf,
  partsOf,
  tensorsOf,
  type LayerGroup,
  type Network,
  type SideInputs,
} from './models/model';
import type { ItemLayout } from './phase-data/batching';
import type { PhaseData } from './phase-data/phase-data';
import type { BatchNormPolicy } from './strategies/batch-norm';
import type { OptimizerSettings, Phase } from './strategies/strategy';
import { whatTrains, type GroupState } from './strategies/what-trains';
import { withEntities } from './tasks/tagging';
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

export interface StepOptions {
  readonly batchSize: number;
  readonly layout: ItemLayout;
  readonly loss?: ClassificationLoss;
}

/** The inputs of a graph that reads batches of this layout. */
export function inputSpecs(
  { items, side }: ItemLayout,
  batchSize: number,
): Record<'items', TensorSpec> & Record<string, TensorSpec> {
  const batched = ({ shape, dtype }: TensorSpec): TensorSpec => ({ shape: [batchSize, ...shape], dtype });
  return {
    ...Object.fromEntries(Object.entries(side).map(([name, spec]) => [name, batched(spec)])),
    items: batched(items),
  };
}

/** The side inputs among the inputs of such a graph. */
export function pickSide({ side }: ItemLayout, inputs: NamedTensors): SideInputs {
  return Object.fromEntries(Object.keys(side).map((name) => [name, inputs[name] as tf.Tensor]));
}

/** A step, and the random masks that it is to be fed with: see `drawMasks`. */
export interface MaskedStep extends TrainingStep {
  readonly masks: readonly MaskSpec[];
}

/** Forward and gradients of the trained part, on the features of the frozen prefix. */
export function compileTrainingStep(
  engine: Engine,
  model: Network,
  part: TrainedPart,
  name: string,
  { batchSize, layout, loss: lossOptions }: StepOptions,
): MaskedStep {
  const masks = masksOf(part.active, batchSize, layout.items.shape);
  const step = engine.compileStep({
    name: `${name}, ${layout.name}, batch ${batchSize}`,
    inputs: {
      ...inputSpecs(layout, batchSize),
      labels: { shape: [batchSize * layout.answers, model.numClasses], dtype: 'float32' },
      mask: { shape: [batchSize * layout.answers], dtype: 'float32' },
      ...maskInputs(masks),
    },
    trainable: part.parameters,
    forward: ({ items, labels, mask, ...rest }) => {
      const range = { from: part.from, to: model.layerGroups.length };
      const dropped = pickMasks(masks, rest);
      const side = pickSide(layout, rest);
      const logits = forwardGroups(
        model,
        items as tf.Tensor,
        range,
        part.batchNorm,
        undefined,
        dropped,
        side,
      );
      const loss = classificationLoss(
        tf.reshape(logits, [-1, model.numClasses]),
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
  const { clipNorm, embeddingUpdates } = settings;
  const common = {
    groups,
    ...(clipNorm === undefined ? {} : { clipNorm }),
    ...(embeddingUpdates === undefined ? {} : { embeddingUpdates }),
  };
  return settings.optimizer === 'sgd'
    ? engine.createOptimizer({ kind: 'sgd', momentum: 0.9, ...common })
    : engine.createOptimizer({ kind: settings.optimizer, ...common });
}

/** Scores a split with the weights as they are now. */
export interface Evaluator {
  run(
    split: Evaluation['split'],
    data: PhaseData,
    info: DataInfo,
  ): { evaluation: Evaluation; predictions: Prediction[] };
  dispose(): void;
}

/** @param part what may have changed since compiling: it is fed at each run, all else is constant */
export function createEvaluator(
  engine: Engine,
  model: Network,
  part: Pick<TrainedPart, 'from' | 'changing'>,
  mostAtOnce: number,
): Evaluator {
  const graphs = new Map<string, CompiledFunction>();
  const compile = (layout: ItemLayout, batchSize: number): CompiledFunction =>
    engine.compileFunction({
      name: `evaluation, ${layout.name}, batch ${batchSize}`,
      inputs: inputSpecs(layout, batchSize),
      fed: part.changing,
      run: (inputs) => ({
        logits: forwardGroups(
          model,
          inputs['items'] as tf.Tensor,
          { from: part.from, to: model.layerGroups.length },
          false,
          undefined,
          undefined,
          pickSide(layout, inputs),
        ),
      }),
    });
  return {
    run: (split, data, info) => {
      const { count, labels } = data.splits[split];
      const starts = startsOf(Array.from({ length: count }, (_, item) => data.scored(split, item).length));
      const batchSize = Math.min(mostAtOnce, Math.max(1, data.splits.val.count));
      let logits = new Float32Array(0);
      for (const batch of data.once(split, batchSize)) {
        const key = `${batch.layout.name}, ${batchSize}`;
        const graph = graphs.get(key) ?? compile(batch.layout, batchSize);
        graphs.set(key, graph);
        const values = graph.run(data.feed(split, batch))['logits'] as Float32Array;
        const { answers } = batch.layout;
        const width = values.length / batchSize / answers;
        if (logits.length === 0) logits = new Float32Array(labels.length * width);
        for (let row = 0; row < batch.counted; row++) {
          const item = batch.indices[row] ?? 0;
          for (const [index, place] of data.scored(split, item).entries()) {
            const from = (row * answers + place) * width;
            logits.set(values.subarray(from, from + width), ((starts[item] ?? 0) + index) * width);
          }
        }
      }
      const scores = evaluate(split, logits, data.splits[split], info.classNames);
      const { tagged } = data.splits[split] as Partial<TextSplit>;
      return tagged ? withEntities(scores, tagged, info.classNames) : scores;
    },
    dispose: () => {
      for (const graph of graphs.values()) graph.dispose();
    },
  };
}
