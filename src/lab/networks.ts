import { check, modelChoiceSchema, type HeadFunction, type ModelChoice } from '../training/experiment';

/** What a model takes. */
export interface ModelOptions {
  /**
   * What the layers have learned before:
   * - `'embedded'`: a small version of this network that came with Transfer Lab, pretrained on 1,500 kinds of emoji drawings;
   * - `'./mine.safetensors'`: a file with torchvision's names, relative to the experiment, or one saved by a run;
   * - `'timm/resnet18.tv_in1k'`: a repository of the Hugging Face Hub, perhaps with `@revision`; downloaded once, after you
   *   have been told how large it is;
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

function model(architecture: string, options: ModelOptions | BertOptions): ModelChoice {
  const choice = { kind: 'model' as const, architecture, ...options };
  check(modelChoiceSchema, choice, architecture, 'model-invalid');
  return Object.freeze(choice);
}

/** What `bert` takes. */
export interface BertOptions {
  /**
   * What the layers have learned before:
   * - `'embedded'`: MiniLM, a small BERT (6 layers of 384) that came with Transfer Lab, trained to tell which sentences mean the same;
   * - `'./folder/model.safetensors'`: a checkpoint with its config.json and tokenizer.json beside it, or one saved by a run;
   * - `'google-bert/bert-base-uncased'`: a repository of the Hugging Face Hub, downloaded once, after you have been told how large it is;
   * - `null`: nothing; all weights are random, in the `size` that you name.
   */
  readonly weights: 'embedded' | (string & {}) | null;
  /**
   * One vector for the whole text: `'mean'` of all its tokens, the `'first'` token ([CLS]), or the `'pooler'`, a trained layer on
   * the first token, as in the paper. Default 'mean', which the embedded network was trained with.
   */
  readonly pooling?: 'mean' | 'first' | 'pooler';
  /** Only the first so many layers. Default: all. */
  readonly layers?: number;
  /** Without weights: `'bert-tiny'` (2 layers of 128), `'bert-mini'`, `'bert-small'`, `'bert-medium'`, `'bert-base'`, `'bert-large'`, `'minilm-l6'` (default) or `'minilm-l12'`. */
  readonly size?: string;
  /** Share of the values that are left out at random in training, in place of the checkpoint's. Often 0.1. */
  readonly dropout?: number;
  /** How many classes the head tells apart. Default: as many as the data has. */
  readonly numClasses?: number;
  /** An own head instead of one linear layer: see `resnet18`. It is given the text's vector. */
  readonly head?: HeadFunction;
}

/**
 * BERT (Devlin et al., 2018) with a class for each text. The checkpoint's config.json says how large it is.
 * Layer groups: `embeddings`, `layer.0`, `layer.1` … (`pooler`, where it is asked for), `head`.
 */
export const bert = (options: BertOptions): ModelChoice => model('bert', options);

/** ResNet-10: one block a stage, the smallest of the embedded ones. Layer groups as in `resnet18`. */
export const resnet10 = (options: ModelOptions): ModelChoice => model('resnet10', options);

/**
 * ResNet-18 (He et al., 2015), as in torchvision: 18 layers in a stem, four stages and a head.
 * Layer groups: `stem`, `layer1`, `layer2`, `layer3`, `layer4`, `fc`.
 */
export const resnet18 = (options: ModelOptions): ModelChoice => model('resnet18', options);

/** ResNet-34: the same four stages with more blocks. Layer groups as in `resnet18`. */
export const resnet34 = (options: ModelOptions): ModelChoice => model('resnet34', options);

/** ResNet-50: bottleneck blocks (1x1, 3x3, 1x1 convolutions), 2,048 features. Layer groups as in `resnet18`. */
export const resnet50 = (options: ModelOptions): ModelChoice => model('resnet50', options);

/** ResNet-101: as ResNet-50, with 23 blocks in the third stage. Layer groups as in `resnet18`. */
export const resnet101 = (options: ModelOptions): ModelChoice => model('resnet101', options);

/** ResNet-152: as ResNet-50, with 8 and 36 blocks in the second and third stage. Layer groups as in `resnet18`. */
export const resnet152 = (options: ModelOptions): ModelChoice => model('resnet152', options);

/**
 * VGG-11 (Simonyan & Zisserman, 2014), as in torchvision: 8 convolutions in five stages, and three linear layers, which hold
 * most of its 133 million weights. Half of the hidden units are left out at random in training (dropout).
 * Layer groups: `stage1` … `stage5`, each up to a pool, `classifier` (the two hidden layers), `head`.
 */
export const vgg11 = (options: ModelOptions): ModelChoice => model('vgg11', options);

/** VGG-13: two convolutions in each stage. Layer groups as in `vgg11`. */
export const vgg13 = (options: ModelOptions): ModelChoice => model('vgg13', options);

/** VGG-16: 13 convolutions. Layer groups as in `vgg11`. */
export const vgg16 = (options: ModelOptions): ModelChoice => model('vgg16', options);

/** VGG-19: 16 convolutions. Layer groups as in `vgg11`. */
export const vgg19 = (options: ModelOptions): ModelChoice => model('vgg19', options);

/** VGG-11 with BatchNorm after each convolution, which makes it learn at higher rates. Layer groups as in `vgg11`. */
export const vgg11_bn = (options: ModelOptions): ModelChoice => model('vgg11_bn', options);

/** VGG-13 with BatchNorm. Layer groups as in `vgg11`. */
export const vgg13_bn = (options: ModelOptions): ModelChoice => model('vgg13_bn', options);

/** VGG-16 with BatchNorm. Layer groups as in `vgg11`. */
export const vgg16_bn = (options: ModelOptions): ModelChoice => model('vgg16_bn', options);

/** VGG-19 with BatchNorm. Layer groups as in `vgg11`. */
export const vgg19_bn = (options: ModelOptions): ModelChoice => model('vgg19_bn', options);
