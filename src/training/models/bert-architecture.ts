import { LearnerError } from '../../protocol/errors';
import { BERTS, createBert, type BertConfig, type BertName, type BertSizes } from './bert';
import { bertSizes, bertTensors } from './bert-checkpoint';
import type { TextArchitecture, TextNetworkOptions } from './index';

const USUAL: BertName = 'minilm-l6';

/** Any BERT that says a class for a whole text or for each of its tokens: its sizes come from the checkpoint's config.json, or by name. */
export const bertArchitecture: TextArchitecture = {
  reads: 'texts',
  name: 'bert',
  embedded: 'minilm-l6',
  formerNames: Object.fromEntries(
    ['base-uncased', 'base-cased', 'large-uncased', 'large-cased', 'base-multilingual-cased'].map((kind) => [
      `bert-${kind}`,
      `google-bert/bert-${kind}`,
    ]),
  ),
  create: (options) => {
    const { numClasses, seed, deferred, head } = options;
    return createBert('bert', { ...configOf(options), numClasses }, seed, deferred, head);
  },
  groupNames: (options) => {
    const { numLayers, pooling, head } = configOf(options);
    const layers = Array.from({ length: numLayers }, (_, index) => `layer.${index}`);
    return [
      'embeddings',
      ...layers,
      ...(pooling === 'pooler' && head === 'sequence' ? ['pooler'] : []),
      'head',
    ];
  },
  tensors: (tensors, options) => {
    const config = configOf(options);
    const named = bertTensors(tensors, config);
    return new Map([...named].filter(([name]) => layerOf(name) < config.numLayers));
  },
};

/** Of a tensor of the encoder; others belong to every size. */
const layerOf = (name: string): number => Number(/\.layer\.(\d+)\./.exec(name)?.[1] ?? -1);

function configOf({
  config,
  title,
  size,
  layers,
  pooling,
  dropout,
  answers,
}: Omit<TextNetworkOptions, 'numClasses' | 'seed'>): BertConfig {
  const sizes: BertSizes = config === undefined ? BERTS[sizeNamed(size)] : bertSizes(config, title);
  if (layers !== undefined && layers > sizes.numLayers) {
    throw new LearnerError({
      code: 'too-many-layers',
      message: `layers is ${layers}, but ${title} has ${sizes.numLayers}.`,
      remedy: `Leave layers out, or set it to ${sizes.numLayers} or less.`,
    });
  }
  const rates =
    dropout === undefined ? {} : { hiddenDropout: dropout, attentionDropout: dropout, headDropout: dropout };
  return {
    ...sizes,
    ...rates,
    numLayers: layers ?? sizes.numLayers,
    head: answers === 'tokens' ? 'tokens' : 'sequence',
    pooling: pooling ?? 'mean',
    numClasses: 0,
  };
}

function sizeNamed(size: string = USUAL): BertName {
  if (size in BERTS) return size as BertName;
  const names = Object.keys(BERTS).join(', ');
  throw new LearnerError({
    code: 'unknown-size',
    message: `There is no BERT of size "${size}". Sizes: ${names}.`,
    remedy: `Use one of: ${names}.`,
  });
}
