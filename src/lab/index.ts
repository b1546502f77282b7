/**
 * transfer-lab: what an experiment is written with.
 *
 * ```ts
 * import { experiment, imageFolder, resnet18, strategies } from 'transfer-lab';
 *
 * export const headOnly = experiment({
 *   data: imageFolder('data/emoji-10', { imageSize: 64, seed: 1 }),
 *   model: resnet18({ weights: 'embedded' }),
 *   strategy: strategies.featureExtraction({ learningRate: 3e-3 }),
 *   epochs: 12, batchSize: 16, seed: 1,
 * });
 * ```
 */
import {
  check,
  checkExperiment,
  imageFolderSchema,
  modelChoiceSchema,
  type Experiment,
  type ExperimentOptions,
  type HeadFunction,
  type ImageFolder,
  type ModelChoice,
} from '../training/experiment';
import { COMPARED, strategyTable } from '../training/strategies';
import { discriminative, type DiscriminativeOptions } from '../training/strategies/discriminative';
import { featureExtraction } from '../training/strategies/feature-extraction';
import { fromScratch } from '../training/strategies/from-scratch';
import { gradualUnfreezing, type GradualUnfreezingOptions } from '../training/strategies/gradual-unfreezing';
import { lastStage } from '../training/strategies/last-stage';
import { layerGroups } from '../training/strategies/layer-groups';
import type { OptimizerOptions, Strategy } from '../training/strategies/strategy';
import { wholeModel } from '../training/strategies/whole-model';

export { isExperiment } from '../training/experiment';
export type {
  Augmentation,
  Experiment,
  ExperimentOptions,
  HeadFunction,
  HeadLayers,
  ImageFolder,
  LossFunction,
  ModelChoice,
} from '../training/experiment';
export type { OptimizerOptions, Phase, Strategy } from '../training/strategies/strategy';
export type { DiscriminativeOptions, GradualUnfreezingOptions };

/**
 * Describes a run: which pictures, which network, what trains. An experiment is data, so writing or importing it starts
 * nothing; **Fine-tune** above it does, or `transfer-lab run`.
 *
 * Export it under a name: `export const headOnly = experiment({ … })`. The name is what you see in lists and plots.
 *
 * @throws {LearnerError} naming the field that is missing or cannot be right
 */
export function experiment(options: ExperimentOptions): Experiment {
  return checkExperiment(options);
}

/**
 * Pictures in folders. Two layouts work:
 *
 * - **split already**: `train/`, `val/` and perhaps `test/`, each with a folder per class;
 * - **not split**: a folder per class. A share of each class, `valFraction`, becomes the validation set, drawn with `seed`;
 *   the same picture twice never lands on both sides.
 *
 * Pictures are scaled so that the shorter side is `imageSize`, then the middle square is kept. Files that cannot be read
 * are left out, named and counted.
 *
 * @param path relative to the file that the experiment is in
 * @param options `imageSize` in pixels (default 64), `seed` of the split (default 1), `valFraction` (default 0.2)
 */
export function imageFolder(
  path: string,
  options: { readonly imageSize?: number; readonly seed?: number; readonly valFraction?: number } = {},
): ImageFolder {
  const folder = {
    kind: 'image-folder' as const,
    path,
    imageSize: 64,
    seed: 1,
    valFraction: 0.2,
    ...options,
  };
  check(imageFolderSchema, folder, 'imageFolder', 'data-invalid');
  return Object.freeze(folder);
}

/** What a model takes. */
export interface ModelOptions {
  /**
   * What the layers have learned before:
   * - `'embedded'`: a small version of this network that came with Transfer Lab, pretrained on 1,500 kinds of emoji drawings;
   * - `'./mine.safetensors'`: a file with torchvision's names, relative to the experiment, or one saved by a run;
   * - `null`: nothing; all weights are random.
   */
  readonly weights: 'embedded' | (string & {}) | null;
  /** How many classes the head tells apart. Default: as many as the data has. */
  readonly numClasses?: number;
  /**
   * An own head instead of one linear layer, written in TensorFlow.js:
   * ```ts
   * head: (features, { linear, numClasses }) =>
   *   linear('out', linear('hidden', features, 64).relu(), numClasses)
   * ```
   */
  readonly head?: HeadFunction;
}

function model(architecture: string, options: ModelOptions): ModelChoice {
  const choice = { kind: 'model' as const, architecture, ...options };
  check(modelChoiceSchema, choice, architecture, 'model-invalid');
  return Object.freeze(choice);
}

/**
 * ResNet-18 (He et al., 2015), as in torchvision: 18 layers in a stem, four stages and a head.
 * Layer groups: `stem`, `layer1`, `layer2`, `layer3`, `layer4`, `fc`.
 */
export const resnet18 = (options: ModelOptions): ModelChoice => model('resnet18', options);

/** ResNet-34: the same four stages with more blocks. Layer groups as in `resnet18`. */
export const resnet34 = (options: ModelOptions): ModelChoice => model('resnet34', options);

/** ResNet-50: bottleneck blocks (1x1, 3x3, 1x1 convolutions), 2,048 features. Layer groups as in `resnet18`. */
export const resnet50 = (options: ModelOptions): ModelChoice => model('resnet50', options);

/** Which layers train, when, and how fast. */
export const strategies = {
  /** Everything trains from random weights, whatever weights the model names. The baseline that transfer has to beat. Default rate 2e-3. */
  fromScratch: (options?: OptimizerOptions): Strategy => fromScratch.create(options),

  /**
   * Only the new head trains. The frozen layers run once per picture and are then remembered, so epochs take milliseconds.
   * Good with few pictures, and when they resemble what the network was pretrained on. Default rate 3e-3.
   */
  featureExtraction: (options?: OptimizerOptions): Strategy => featureExtraction.create(options),

  /** The last stage and the head train. A middle way: the early layers' edges and colours serve any pictures. Default rate 1e-3. */
  lastStage: (options?: OptimizerOptions): Strategy => lastStage.create(options),

  /**
   * The layer groups that you name train, and always the head.
   * `strategies.layerGroups(['layer3', 'layer4'])`. Groups of a ResNet: `stem`, `layer1` … `layer4`, `fc`. Default rate 1e-3.
   */
  layerGroups: (names: readonly string[], options?: OptimizerOptions): Strategy =>
    layerGroups(names, options),

  /** Everything trains, starting from the pretrained weights. The most to gain, and the most to spoil with a high rate. Default rate 1e-3. */
  wholeModel: (options?: OptimizerOptions): Strategy => wholeModel.create(options),

  /** First the head, then one layer group more at a time, towards the input. Default rate 3e-3, halved with each group. */
  gradualUnfreezing: (options?: GradualUnfreezingOptions): Strategy => gradualUnfreezing.create(options),

  /** Everything trains, each group at half the rate of the one after it (`decay: 0.5`). `learningRate` is the head's. Default 2e-3. */
  discriminative: (options?: DiscriminativeOptions): Strategy => discriminative.create(options),
};

/** One line of a comparison. */
export interface ComparedStrategy {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  /** The same experiment (data, model, epochs, batch, seed) under this strategy, at the strategy's own rates. */
  derive(from: Experiment): Experiment;
}

/** Every strategy by id. */
export const allStrategies: readonly ComparedStrategy[] = strategyTable.map((entry) => ({
  id: entry.id,
  title: entry.title,
  summary: entry.summary,
  derive: (from) => Object.freeze({ ...from, strategy: entry.create() }),
}));

/** From scratch, feature extraction, last stage, whole network: what **Compare strategies** and `npm start` run. */
export const comparisonStrategies: readonly ComparedStrategy[] = allStrategies.filter(({ id }) =>
  (COMPARED as readonly string[]).includes(id),
);
