/**
 * BERT (Devlin et al., 2018): the encoder, and its four usual heads.
 * Reference: google-research/bert modeling.py and transformers' models/bert/modeling_bert.py. Parameter names are those of
 * transformers' classes, so weights load by name; older spellings are told in bert-checkpoint.ts.
 * Inside, B is the batch, T the length of the longest text in it, C the hidden size.
 */
import * as tf from '@tensorflow/tfjs';
import { LearnerError } from '../../protocol/errors';
import { attention, paddingBias } from './layers/attention';
import { dropout, type Masks, wanted } from './layers/dropout';
import { embedding, type Embedding } from './layers/embedding';
import { gelu } from './layers/gelu';
import { layerNorm } from './layers/layer-norm';
import { linear, perToken } from './layers/linear';
import { ParameterStore } from './layers/parameters';
import { under, type Place as PlaceOf } from './layers/place';
import type { HeadFunction } from '../experiment';
import { bertFile } from './bert-file';
import { createHead, type LayerGroup, type Network, type Observe, type SideInputs } from './model';

export interface BertSizes {
  /** 30,522 in the English networks of the paper. */
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly numHeads: number;
  /** Width of the hidden layer of each feed-forward part: 4 · hiddenSize in the paper. */
  readonly intermediateSize: number;
  /** The longest text that it can read. */
  readonly maxPositions: number;
  /** Kinds of tokens: 2, for the first and the second text of a pair. */
  readonly typeVocabSize: number;
  readonly layerNormEpsilon: number;
  /** Id of [PAD]. */
  readonly paddingId: number;
  /** Share that dropout leaves out of embeddings and of what is added to the residual stream. */
  readonly hiddenDropout: number;
  /** … of the attention weights. */
  readonly attentionDropout: number;
  /** … before the head. */
  readonly headDropout: number;
  /** Deviation of initial weights. */
  readonly initialDeviation: number;
}

/**
 * What the network is asked for. `sequence`: a class for the whole text; `tokens`: one for each token; `question`: where
 * the answer starts and ends; `words`: which word was masked. `none`: features alone, as transformers' BertModel.
 */
export type BertHead = 'sequence' | 'tokens' | 'question' | 'words' | 'none';

/**
 * One vector for the whole text. `pooler`: a trained layer on the first token, [CLS], as in the paper; `first`: that token as
 * it is; `mean`: the mean over all tokens that are no padding, which sentence encoders such as MiniLM are trained for.
 */
export type BertPooling = 'pooler' | 'first' | 'mean';

export interface BertConfig extends BertSizes {
  readonly head: BertHead;
  /** For `sequence` and `none`. */
  readonly pooling: BertPooling;
  /** Classes of `sequence` and `tokens`; other heads know theirs. */
  readonly numClasses: number;
}

const COMMON = {
  vocabSize: 30522,
  maxPositions: 512,
  typeVocabSize: 2,
  layerNormEpsilon: 1e-12,
  paddingId: 0,
  hiddenDropout: 0.1,
  attentionDropout: 0.1,
  headDropout: 0.1,
  initialDeviation: 0.02,
} as const;

function sizes(numLayers: number, hiddenSize: number, numHeads: number): BertSizes {
  return { ...COMMON, numLayers, hiddenSize, numHeads, intermediateSize: 4 * hiddenSize };
}

/** base and large: the paper; the others: Turc et al., 2019; MiniLM: Wang et al., 2020. A checkpoint's config.json goes before. */
export const BERTS = {
  'bert-tiny': sizes(2, 128, 2),
  'bert-mini': sizes(4, 256, 4),
  'bert-small': sizes(4, 512, 8),
  'bert-medium': sizes(8, 512, 8),
  'bert-base': sizes(12, 768, 12),
  'bert-large': sizes(24, 1024, 16),
  'minilm-l6': sizes(6, 384, 12),
  'minilm-l12': sizes(12, 384, 12),
} as const satisfies Record<string, BertSizes>;

export type BertName = keyof typeof BERTS;

/** What a BERT reads beside the ids of its tokens, `[B, T]` each. Without a mask all are tokens; without types all are of the first text. */
export interface BertSideInputs extends SideInputs {
  /** 1 = a token, 0 = padding; integers or floats */
  readonly attentionMask: tf.Tensor;
  readonly tokenTypeIds: tf.Tensor;
  /** Default: 0 … T − 1. */
  readonly positionIds: tf.Tensor;
}

type Place = PlaceOf<BertConfig>;

function dense({ store, config, name }: Place, inputs: number, outputs: number) {
  return linear(store, name, inputs, outputs, config.initialDeviation);
}

function norm({ store, config, name }: Place) {
  return layerNorm(store, name, config.hiddenSize, config.layerNormEpsilon);
}

/** Word, position and kind of each token, added up. From ids `[B, T]` to `[B, T, C]`. */
function embeddings(place: Place): { group: LayerGroup; words: Embedding } {
  const { store, config, name } = place;
  const { hiddenSize, initialDeviation: deviation, paddingId: padding } = config;
  const table = (kind: string, rows: number, options: { padding?: number } = {}): Embedding =>
    embedding(store, `${name}.${kind}_embeddings`, rows, hiddenSize, { deviation, ...options });
  const words = table('word', config.vocabSize, { padding });
  const positions = table('position', config.maxPositions);
  const types = table('token_type', config.typeVocabSize);
  const normalise = norm(under(place, '.LayerNorm'));
  const dropoutName = `${name}.dropout`;
  const group: LayerGroup = {
    name: 'embeddings',
    prefixes: [`${name}.`],
    masks: (batch, [length = 1]) =>
      wanted([{ name: dropoutName, shape: [batch, length, hiddenSize], rate: config.hiddenDropout }]),
    forward: (ids, _training, observe, masks, side: Partial<BertSideInputs> = {}) => {
      const [, length = 1] = ids.shape;
      if (length > config.maxPositions) throw tooLong(length, config.maxPositions);
      // The usual positions and types need no table of indices: a slice broadcasts, and has the cheaper gradient.
      const position = side.positionIds
        ? positions(side.positionIds)
        : tf.slice(positions.weight, [0, 0], [length, hiddenSize]);
      const type = side.tokenTypeIds
        ? types(side.tokenTypeIds)
        : tf.slice(types.weight, [0, 0], [1, hiddenSize]);
      const sum = tf.add<tf.Tensor3D>(tf.add(words(ids), type), position); // [B, T, C]
      const result = dropout(normalise(sum), dropoutName, masks);
      observe?.(name, result);
      return result;
    },
  };
  return { group, words };
}

function tooLong(length: number, most: number): LearnerError {
  return new LearnerError({
    code: 'text-too-long',
    message: `A text of ${length} tokens was given; this network reads at most ${most}.`,
    remedy: `Cut texts after ${most} tokens, [CLS] and [SEP] included.`,
  });
}

interface Part {
  (
    x: tf.Tensor3D,
    pass: { observe: Observe | undefined; masks: Masks | undefined; bias: tf.Tensor | undefined },
  ): tf.Tensor3D;
}

/** Every token looks at every other; what it saw is added to it, and the sum is normalised. */
function selfAttention(place: Place): Part {
  const { name, config } = place;
  const { hiddenSize: size, numHeads } = config;
  const [query, key, value] = ['query', 'key', 'value'].map((part) =>
    perToken(dense(under(place, `.self.${part}`), size, size)),
  ) as [Project, Project, Project];
  const output = perToken(dense(under(place, '.output.dense'), size, size));
  const normalise = norm(under(place, '.output.LayerNorm'));
  return (x, { observe, masks, bias }) => {
    const seen = attention(query(x), key(x), value(x), {
      numHeads,
      ...(bias ? { bias } : {}),
      dropoutName: `${name}.self.dropout`,
      ...(masks ? { masks } : {}),
    });
    observe?.(`${name}.self`, seen);
    const result = normalise(tf.add<tf.Tensor3D>(dropout(output(seen), `${name}.output.dropout`, masks), x));
    observe?.(name, result);
    return result;
  };
}

type Project = (x: tf.Tensor3D) => tf.Tensor3D;

/** Two layers on each token by itself; the sum with what came in is normalised. */
function feedForward(place: Place): Part {
  const { name, config } = place;
  const intermediate = perToken(
    dense(under(place, '.intermediate.dense'), config.hiddenSize, config.intermediateSize),
  );
  const output = perToken(dense(under(place, '.output.dense'), config.intermediateSize, config.hiddenSize));
  const normalise = norm(under(place, '.output.LayerNorm'));
  return (x, { observe, masks }) => {
    const hidden = gelu(intermediate(x)); // [B, T, intermediateSize]
    observe?.(`${name}.intermediate`, hidden);
    return normalise(tf.add<tf.Tensor3D>(dropout(output(hidden), `${name}.output.dropout`, masks), x));
  };
}

/** One of the encoder's layers. From `[B, T, C]` to the same. */
function layer(place: Place, index: number): LayerGroup {
  const { name, config } = place;
  const { numHeads, hiddenSize, hiddenDropout, attentionDropout } = config;
  const look = selfAttention(under(place, '.attention'));
  const think = feedForward(place);
  return {
    name: `layer.${index}`,
    prefixes: [`${name}.`],
    masks: (batch, [length = 1]) => {
      const hidden = { shape: [batch, length, hiddenSize], rate: hiddenDropout };
      const weights = { shape: [batch, numHeads, length, length], rate: attentionDropout };
      return wanted([
        { name: `${name}.attention.self.dropout`, ...weights },
        { name: `${name}.attention.output.dropout`, ...hidden },
        { name: `${name}.output.dropout`, ...hidden },
      ]);
    },
    forward: (x, _training, observe, masks, side: Partial<BertSideInputs> = {}) => {
      const bias = side.attentionMask && paddingBias(side.attentionMask);
      const pass = { observe, masks, bias };
      const result = think(look(x as tf.Tensor3D, pass), pass);
      observe?.(name, result);
      return result;
    },
  };
}

/** From `[B, T, C]` to one vector for each text, `[B, C]`. */
function pooler(place: Place): LayerGroup {
  const { name, config } = place;
  const { hiddenSize: size, pooling } = config;
  const first = (x: tf.Tensor): tf.Tensor2D => tf.slice(x, [0, 0, 0], [-1, 1, -1]).reshape([-1, size]);
  const mean = (x: tf.Tensor, attentionMask: tf.Tensor | undefined): tf.Tensor2D => {
    if (!attentionMask) return tf.mean(x, 1);
    const mask = tf.cast(attentionMask, 'float32');
    const sum = tf.sum(tf.mul(x, tf.expandDims(mask, 2)), 1);
    return tf.div(sum, tf.maximum(tf.sum(mask, 1, true), 1));
  };
  if (pooling !== 'pooler')
    return {
      name: 'pooler',
      prefixes: [],
      forward: (x, _training, _observe, _masks, side: Partial<BertSideInputs> = {}) =>
        pooling === 'first' ? first(x) : mean(x, side.attentionMask),
    };
  const transform = dense(under(place, '.dense'), size, size);
  return {
    name: 'pooler',
    prefixes: [`${name}.`],
    forward: (x, _training, observe) => {
      const pooled = tf.tanh(transform(first(x)));
      observe?.(name, pooled);
      return pooled;
    },
  };
}

/** Logits `[B, classes]`, or `[B, T, classes]` for the heads that answer for each token. */
function head(place: Place, words: Embedding, own?: HeadFunction): LayerGroup | undefined {
  const { store, config } = place;
  const { hiddenSize: size, headDropout: rate } = config;
  const named = (name: string): Place => ({ ...place, name });
  switch (config.head) {
    case 'none':
      return undefined;
    case 'sequence':
    case 'tokens': {
      const forTokens = config.head === 'tokens';
      const classify =
        own && !forTokens
          ? createHead(store, 'classifier', size, config.numClasses, own)
          : dense(named('classifier'), size, config.numClasses);
      return {
        name: 'head',
        prefixes: ['classifier.'],
        masks: (batch, [length = 1]) =>
          wanted([{ name: 'dropout', shape: forTokens ? [batch, length, size] : [batch, size], rate }]),
        forward: (x, _training, _observe, masks) => {
          const kept = dropout(x, 'dropout', masks);
          return forTokens ? perToken(classify)(kept as tf.Tensor3D) : classify(kept as tf.Tensor2D);
        },
      };
    }
    case 'question': {
      const mark = perToken(dense(named('qa_outputs'), size, 2)); // start and end
      return { name: 'head', prefixes: ['qa_outputs.'], forward: (x) => mark(x as tf.Tensor3D) };
    }
    case 'words': {
      const transform = dense(named('cls.predictions.transform.dense'), size, size);
      const normalise = norm(named('cls.predictions.transform.LayerNorm'));
      const bias = store.parameter('cls.predictions.bias', [config.vocabSize], () => 0);
      // The decoder is the table of words again: a frozen table stays as it is here too.
      const guess = (x: tf.Tensor2D): tf.Tensor2D =>
        tf
          .matMul(normalise(gelu(transform(x))), words.weight as unknown as tf.Tensor2D, false, true)
          .add(bias);
      return {
        name: 'head',
        prefixes: ['cls.predictions.'],
        forward: (x) => perToken(guess)(x as tf.Tensor3D),
      };
    }
  }
}

/**
 * @param seed of the random weights that it begins with
 * @param deferred see ParameterStore
 * @param ownHead in place of the linear layer that `sequence` has
 */
export function createBert(
  architecture: string,
  config: BertConfig,
  seed: number,
  deferred = false,
  ownHead?: HeadFunction,
): Network {
  const store = new ParameterStore(seed, deferred);
  const place: Place = { store, config, name: config.head === 'none' ? '' : 'bert.' };
  const { group, words } = embeddings(under(place, 'embeddings'));
  const layers = Array.from({ length: config.numLayers }, (_, index) =>
    layer(under(place, `encoder.layer.${index}`), index),
  );
  const forText = config.head === 'sequence' || config.head === 'none';
  const pooled = forText ? [pooler(under(place, 'pooler'))] : [];
  const last = head(place, words, ownHead);
  const classes = {
    sequence: config.numClasses,
    tokens: config.numClasses,
    question: 2,
    words: config.vocabSize,
    none: 0,
  };
  return {
    architecture,
    store,
    layerGroups: [group, ...layers, ...pooled, ...(last ? [last] : [])],
    featureSize: config.hiddenSize,
    numClasses: classes[config.head],
    config: bertFile(architecture, config),
    dispose: () => store.dispose(),
  };
}
