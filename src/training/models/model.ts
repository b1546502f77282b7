import * as tf from '@tensorflow/tfjs';
import { LearnerError } from '../../protocol/errors';
import type { HeadFunction } from '../experiment';
import type { GroupParts } from '../strategies/what-trains';
import { linear } from './layers/linear';
import type { Masks, MaskSpec } from './layers/dropout';
import type { ModelTensor, ParameterStore } from './layers/parameters';

/** true, false, or the groups whose BatchNorm is in training mode. */
export type TrainingMode = boolean | ReadonlySet<string>;

/** Shows an intermediate result by its module name: 'layer1.0.conv1'. */
export type Observe = (name: string, value: tf.Tensor) => void;

/** The way of a group to its last feature map, and on from there: past the pool that may end the group. */
export interface MapParts {
  /** @returns `[batch, height, width, channels]` */
  readonly to: (inputs: tf.Tensor, training: boolean, observe?: Observe) => tf.Tensor4D;
  readonly from: (map: tf.Tensor4D, observe?: Observe) => tf.Tensor;
}

/** Layers that a strategy trains or freezes together. */
export interface LayerGroup {
  readonly name: string;
  /** Prefixes of the tensors that belong to it: 'conv1.', 'bn1.'. */
  readonly prefixes: readonly string[];
  /**
   * Random masks that it wants in each training step, for a batch of that size; absent: none.
   * @param itemShape of one item of its input
   */
  masks?(batchSize: number, itemShape: readonly number[]): readonly MaskSpec[];
  /** `forward` in two parts, for whoever looks at the feature map between them; absent: the group has none. */
  readonly map?: MapParts;
  /**
   * From the output of the group before; the first reads the network's main input: pictures `[batch, height, width, 3]`,
   * or the ids of tokens `[batch, length]`.
   * @param masks of this step by name; without them nothing is left out
   * @param side further inputs of the network
   */
  forward(
    inputs: tf.Tensor,
    training: boolean,
    observe?: Observe,
    masks?: Masks,
    side?: SideInputs,
  ): tf.Tensor;
}

/**
 * Inputs that stand beside the main one and that any group may read, by name: a sentence's `attentionMask`. They belong to
 * the data, not to a group's output, so whoever keeps what a frozen prefix makes of the data feeds them still.
 */
export type SideInputs = Readonly<Record<string, tf.Tensor>>;

/** What every network answers, whatever it reads, so that strategies, optimizers and files never name one. */
export interface Network {
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
  dispose(): void;
}

/** A network that reads pictures. */
export interface TransferModel extends Network {
  /** All groups but the head. @returns `[batch, featureSize]` */
  forwardFeatures(images: tf.Tensor4D, training: TrainingMode, observe?: Observe): tf.Tensor2D;
  /** @returns logits `[batch, numClasses]` */
  forwardHead(features: tf.Tensor2D, training?: TrainingMode): tf.Tensor2D;
  /** A new head with new random weights. */
  resetHead(numClasses: number, head?: HeadFunction): void;
}

/** The tensors of a group, in checkpoint order. */
export function tensorsOf(model: Network, group: LayerGroup): ModelTensor[] {
  return [...model.store.tensors.values()].filter(({ name }) => belongsTo(group, name));
}

/** What strategies know of a model. */
export function partsOf(model: Network): GroupParts[] {
  const { tensors } = model.store;
  return model.layerGroups.map((group) => {
    const own = tensorsOf(model, group);
    const ofNorm = (name: string): boolean => tensors.has(name.replace(/[^.]+$/, 'running_mean'));
    const buffers = own.filter(({ kind }) => kind === 'buffer');
    return {
      name: group.name,
      parameters: own
        .filter(({ kind }) => kind === 'parameter')
        .map(({ name, variable }) => ({ name, size: variable.size, ofNorm: ofNorm(name) })),
      buffers: buffers.reduce((sum, { variable }) => sum + variable.size, 0),
    };
  });
}

export function belongsTo(group: LayerGroup, name: string): boolean {
  return group.prefixes.some((prefix) => name.startsWith(prefix));
}

/**
 * Runs the groups from index `from` to before `to`.
 * @param masks of the groups whose dropout is at work: whoever makes them leaves out those of frozen groups
 */
export function forwardGroups(
  model: Network,
  inputs: tf.Tensor,
  range: { readonly from: number; readonly to: number },
  training: TrainingMode,
  observe?: Observe,
  masks?: Masks,
  side?: SideInputs,
): tf.Tensor {
  return model.layerGroups
    .slice(range.from, range.to)
    .reduce(
      (value, group) => group.forward(value, isTraining(training, group.name), observe, masks, side),
      inputs,
    );
}

/** The `forward` of a group that has a feature map. */
export const throughMap =
  ({ to, from }: MapParts): LayerGroup['forward'] =>
  (inputs, training, observe) =>
    from(to(inputs, training, observe), observe);

/** A place where a network's values still lie in the plane of the picture: what they say can be drawn over it. */
export interface FeatureMap {
  /** Of its layer group: 'layer4'. */
  readonly name: string;
  /** What the rest of the network makes of it, in evaluation mode. @returns logits `[batch, numClasses]` */
  readonly logits: (map: tf.Tensor4D) => tf.Tensor2D;
}

/** From input to output. The last one knows most of classes, and least of places. */
export function featureMaps(model: TransferModel): FeatureMap[] {
  const to = model.layerGroups.length;
  return model.layerGroups.flatMap(({ name, map }, index) => {
    if (!map) return [];
    const logits = (values: tf.Tensor4D): tf.Tensor2D =>
      forwardGroups(model, map.from(values), { from: index + 1, to }, false) as tf.Tensor2D;
    return [{ name, logits }];
  });
}

/** One pass in evaluation mode. @returns the logits `[batch, numClasses]`, and every feature map by its name */
export function forwardWithMaps(
  model: TransferModel,
  images: tf.Tensor4D,
): { readonly logits: tf.Tensor2D; readonly maps: Readonly<Record<string, tf.Tensor4D>> } {
  const maps: Record<string, tf.Tensor4D> = {};
  let value: tf.Tensor = images;
  for (const group of model.layerGroups) {
    const { name, map } = group;
    value = map ? map.from((maps[name] = map.to(value, false))) : group.forward(value, false);
  }
  return { logits: value as tf.Tensor2D, maps };
}

/** The masks that a training step of these groups wants. @param itemShape of what the step is fed with */
export function masksOf(
  groups: readonly LayerGroup[],
  batchSize: number,
  itemShape: readonly number[],
): MaskSpec[] {
  return groups.flatMap((group) => group.masks?.(batchSize, itemShape) ?? []);
}

export function isTraining(mode: TrainingMode, group: string): boolean {
  return typeof mode === 'boolean' ? mode : mode.has(group);
}

/** Counts a batch in every BatchNorm of the groups in training mode, as PyTorch's num_batches_tracked does. */
export function countBatch(model: Network, training: ReadonlySet<string>): void {
  const trained = model.layerGroups.filter(({ name }) => training.has(name));
  for (const [name, count] of model.store.counters) {
    if (trained.some((group) => belongsTo(group, name))) model.store.counters.set(name, count + 1);
  }
}

/**
 * The head: one linear layer named `name`, or the learner's own function.
 * An own head is run once on zeros, so that its layers exist before anything is recorded.
 * @throws {LearnerError} 'head-output' if an own head does not give one number for each class
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
  tf.tidy(() => requireLogits(forward(tf.zeros([1, featureSize])), numClasses));
  return forward;
}

/** What an own head returns may be anything. */
function requireLogits(output: unknown, numClasses: number): void {
  const shape = output instanceof tf.Tensor ? (output as tf.Tensor).shape : undefined;
  if (shape?.length === 2 && shape[0] === 1 && shape[1] === numClasses) return;
  const found = shape ? `[${['batch', ...shape.slice(1)].join(', ')}]` : 'no tensor';
  throw new LearnerError({
    code: 'head-output',
    message: `The own head returns ${found}, where [batch, ${numClasses}] is expected: one number for each of ${numClasses} classes.`,
    remedy: 'Let its last layer have numClasses outputs, and return what that layer returns.',
  });
}
