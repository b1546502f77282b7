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
import { augment } from '../training/data/augmentation/augmentation';
import {
  check,
  checkExperiment,
  imageCsvSchema,
  imageFolderSchema,
  type Experiment,
  type ExperimentOptions,
  type ImageCsv,
  type ImageFolder,
} from '../training/experiment';
import { COMPARED, strategyTable } from '../training/strategies';
import { discriminative, type DiscriminativeOptions } from '../training/strategies/discriminative';
import { featureExtraction } from '../training/strategies/feature-extraction';
import { fromScratch } from '../training/strategies/from-scratch';
import { gradualUnfreezing, type GradualUnfreezingOptions } from '../training/strategies/gradual-unfreezing';
import { headFirst, type HeadFirstOptions } from '../training/strategies/head-first';
import { lastStage } from '../training/strategies/last-stage';
import { layerGroups, type LayerChoice } from '../training/strategies/layer-groups';
import { parameters } from '../training/strategies/parameters';
import type { Pattern } from '../training/strategies/patterns';
import type { OptimizerOptions, Strategy } from '../training/strategies/strategy';
import { wholeModel } from '../training/strategies/whole-model';

export { isExperiment } from '../training/experiment';
export * from './networks';
export * from './texts';
export { augment };
export type {
  Augmentation,
  AugmentationOptions,
  AugmentationStep,
  OwnAugmentation,
} from '../training/data/augmentation/augmentation';
export type { EarlyStopping } from '../training/early-stopping';
export type { ClassWeights } from '../training/tasks/class-weights';
export type {
  Experiment,
  ExperimentOptions,
  HeadFunction,
  HeadLayers,
  ImageCsv,
  ImageFolder,
  ImageSource,
  LossFunction,
  ModelChoice,
} from '../training/experiment';
export type { TaggedData, TextData } from '../training/data/text/text-source';
export type { BatchNormPolicy } from '../training/strategies/batch-norm';
export type { OptimizerOptions, Phase, Strategy } from '../training/strategies/strategy';
export type { DiscriminativeOptions, GradualUnfreezingOptions, HeadFirstOptions, LayerChoice, Pattern };

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
 * are left out, named and counted. `transfer-lab data data/animals` tells what a folder holds before you train on it.
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

/** Options of `imageCsv`. */
export interface ImageCsvOptions {
  /** Pixels: every picture becomes imageSize x imageSize. Default 64. */
  readonly imageSize?: number;
  /** Of the split. Default 1. */
  readonly seed?: number;
  /** Share of each class for validation where no row says `val`. Default 0.2. */
  readonly valFraction?: number;
  /** Default: the column called path, file, filename, file_name, image or image_path. */
  readonly pathColumn?: string;
  /** Default: the column called label, class, category or target. */
  readonly labelColumn?: string;
  /** With train, val or test in each row. Default: the column called split, if there is one. */
  readonly splitColumn?: string;
}

/**
 * Pictures that a CSV file names, with their classes:
 *
 * ```csv
 * path,label
 * photos/0001.jpg,cat
 * photos/0002.jpg,dog
 * ```
 * ```ts
 * data: imageCsv('data/labels.csv', { imageSize: 64, seed: 1 })
 * ```
 * The first row holds the columns' names; commas, semicolons and tabs may part them. Paths start from the folder of the CSV
 * file; absolute ones and ones that lead out of that folder work too. Addresses (https://…) do not: download the pictures first.
 * Rows that cannot be used are left out, numbered and counted. Pictures are prepared and split as in `imageFolder`.
 *
 * @param path relative to the file that the experiment is in
 */
export function imageCsv(path: string, options: ImageCsvOptions = {}): ImageCsv {
  const list = { kind: 'image-csv' as const, path, imageSize: 64, seed: 1, valFraction: 0.2, ...options };
  check(imageCsvSchema, list, 'imageCsv', 'data-invalid');
  return Object.freeze(list);
}

/**
 * Which layers train, when, and how fast. **What would train** above an experiment shows it for the model at hand.
 *
 * Frozen is frozen: the weights of a layer group that does not train stay bit for bit, and so do the running statistics of
 * its BatchNorm layers. Every strategy takes `batchNorm` to have it otherwise:
 * ```ts
 * strategies.lastStage({ batchNorm: { trained: 'eval' } }) // small batches: keep the pretrained statistics everywhere
 * strategies.headFirst({ batchNorm: { frozen: 'train', affine: 'all' } }) // as fastai does
 * ```
 * Weight decay pulls on weights only: the scales and shifts of norms, and biases, are left out.
 */
export const strategies = {
  /** Everything trains from random weights, whatever weights the model names. The baseline that transfer has to beat. Default rate 2e-3. */
  fromScratch: (options?: OptimizerOptions): Strategy => fromScratch.create(options),

  /**
   * Only the new head trains. The frozen layers run once per picture or text and are then remembered, so epochs take milliseconds.
   * Good with few pictures, and when they resemble what the network was pretrained on. Default rate 3e-3.
   */
  featureExtraction: (options?: OptimizerOptions): Strategy => featureExtraction.create(options),

  /** The last stage and the head train. A middle way: the early layers' edges and colours serve any pictures. Default rate 1e-3. */
  lastStage: (options?: OptimizerOptions): Strategy => lastStage.create(options),

  /**
   * The layer groups that you choose train, and always the head, whose weights are new. Default rate 1e-3.
   * ```ts
   * strategies.layerGroups(['layer4', 'fc']) // by name
   * strategies.layerGroups('layer*') // by pattern: * stands for any characters
   * strategies.layerGroups(/^layer[34]$/) // by regular expression
   * strategies.layerGroups({ last: 2 }) // counted from the head, whatever they are called
   * ```
   * Groups of a ResNet: `stem`, `layer1` … `layer4`, `fc`; of a VGG: `stage1` … `stage5`, `classifier`, `head`; of a BERT:
   * `embeddings`, `layer.0` …, `head`.
   */
  layerGroups: (choice: LayerChoice, options?: OptimizerOptions): Strategy => layerGroups(choice, options),

  /**
   * Single parameters train, chosen by their names in the checkpoint, and always the head. Default rate 1e-3.
   * ```ts
   * strategies.parameters(/conv/) // the convolutions of a ResNet, and no BatchNorm
   * strategies.parameters('layer4.1.*')
   * strategies.parameters(/\.bias$/) // biases only: BitFit (Ben-Zaken et al., 2021)
   * ```
   */
  parameters: (names: Pattern, options?: OptimizerOptions): Strategy => parameters(names, options),

  /** Everything trains, starting from the pretrained weights. The most to gain, and the most to spoil with a high rate. Default rate 5e-4. */
  wholeModel: (options?: OptimizerOptions): Strategy => wholeModel.create(options),

  /**
   * First the head, then one layer group more at a time, towards the input (ULMFiT, Howard & Ruder, 2018). Default rate
   * 3e-3, halved with each group.
   */
  gradualUnfreezing: (options?: GradualUnfreezingOptions): Strategy => gradualUnfreezing.create(options),

  /**
   * Everything trains, each group at half the rate of the one after it (`decay: 0.5`; Howard & Ruder, 2018, divided by 2.6).
   * `learningRate` is the head's. Default 2e-3.
   */
  discriminative: (options?: DiscriminativeOptions): Strategy => discriminative.create(options),

  /**
   * One epoch for the head alone, so that its random weights do not upset the layers below; then everything, at half the
   * rate for the head and a hundredth of that at the input: fastai's `fine_tune`. `learningRate` is the head's in the first
   * part. Default 2e-3.
   */
  headFirst: (options?: HeadFirstOptions): Strategy => headFirst.create(options),
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
