import * as tf from '@tensorflow/tfjs';
import type { HeadFunction } from '../experiment';
import { linear } from './layers/linear';
import type { ModelTensor, ParameterStore } from './layers/parameters';

/** true, false, or the groups that are in training mode. */
export type TrainingMode = boolean | ReadonlySet<string>;

/** Shows an intermediate result by its module name: 'layer1.0.conv1'. */
export type Observe = (name: string, value: tf.Tensor) => void;

/** Layers that a strategy trains or freezes together. */
export interface LayerGroup {
  readonly name: string;
  /** Prefixes of the tensors that belong to it: 'conv1.', 'bn1.'. */
  readonly prefixes: readonly string[];
  /** From the output of the group before (the pictures `[batch, height, width, 3]` for the first). */
  forward(inputs: tf.Tensor, training: boolean, observe?: Observe): tf.Tensor;
}

/** What every network answers, so that strategies and trainer never name one. */
export interface TransferModel {
  /** 'resnet18' */
  readonly architecture: string;
  readonly store: ParameterStore;
  /** From input to output; the last is the head. */
  readonly layerGroups: readonly LayerGroup[];
  /** Width of the features that the head reads. */
  readonly featureSize: number;
  readonly numClasses: number;
  /** What is needed to build the same network again; written beside saved weights. */
  readonly config: Readonly<Record<string, number | string | readonly number[]>>;
  /** All groups but the head. @returns `[batch, featureSize]` */
  forwardFeatures(images: tf.Tensor4D, training: TrainingMode, observe?: Observe): tf.Tensor2D;
  /** @returns logits `[batch, numClasses]` */
  forwardHead(features: tf.Tensor2D, training?: TrainingMode): tf.Tensor2D;
  /** A new head with new random weights. */
  resetHead(numClasses: number, head?: HeadFunction): void;
  dispose(): void;
}

/** The tensors of a group, in checkpoint order. */
export function tensorsOf(model: TransferModel, group: LayerGroup): ModelTensor[] {
  return [...model.store.tensors.values()].filter(({ name }) => belongsTo(group, name));
}

export function parametersOf(model: TransferModel, group: LayerGroup): ModelTensor[] {
  return tensorsOf(model, group).filter(({ kind }) => kind === 'parameter');
}

export function belongsTo(group: LayerGroup, name: string): boolean {
  return group.prefixes.some((prefix) => name.startsWith(prefix));
}

/** Runs the groups from index `from` to before `to`. */
export function forwardGroups(
  model: TransferModel,
  inputs: tf.Tensor,
  range: { readonly from: number; readonly to: number },
  training: TrainingMode,
  observe?: Observe,
): tf.Tensor {
  return model.layerGroups
    .slice(range.from, range.to)
    .reduce((value, group) => group.forward(value, isTraining(training, group.name), observe), inputs);
}

export function isTraining(mode: TrainingMode, group: string): boolean {
  return typeof mode === 'boolean' ? mode : mode.has(group);
}

/** Counts a batch in every BatchNorm of the groups in training mode, as PyTorch's num_batches_tracked does. */
export function countBatch(model: TransferModel, training: ReadonlySet<string>): void {
  const trained = model.layerGroups.filter(({ name }) => training.has(name));
  for (const [name, count] of model.store.counters) {
    if (trained.some((group) => belongsTo(group, name))) model.store.counters.set(name, count + 1);
  }
}

/**
 * The head: one linear layer named `name`, or the learner's own function.
 * An own head is run once on zeros, so that its layers exist before anything is recorded.
 */
export function createHead(
  store: ParameterStore,
  name: string,
  featureSize: number,
  numClasses: number,
  own?: HeadFunction,
): (features: tf.Tensor2D) => tf.Tensor2D {
  if (!own) return linear(store, name, featureSize, numClasses);
  const layers = {
    numClasses,
    linear: (layer: string, input: tf.Tensor2D, outputs: number): tf.Tensor2D =>
      linear(store, `${name}.${layer}`, input.shape[1], outputs)(input),
  };
  const forward = (features: tf.Tensor2D): tf.Tensor2D => own(features, layers);
  tf.tidy(() => void forward(tf.zeros([1, featureSize])));
  return forward;
}
