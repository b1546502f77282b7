/**
 * GPT-2 (Radford et al., 2019): a decoder that says what the next token may be.
 * Reference: openai/gpt-2 src/model.py and transformers' models/gpt2/modeling_gpt2.py. Parameter names are those of
 * GPT2LMHeadModel, so weights load by name; other spellings are told in gpt2-checkpoint.ts.
 * Inside, B is the batch, T the length of the longest text in it, C the hidden size.
 */
import * as tf from '@tensorflow/tfjs';
import { LearnerError } from '../../protocol/errors';
import { attentionOfHeads, causalBias, paddingBias, splitHeads, type Heads } from './layers/attention';
import { attentionWithPast } from './layers/cached-attention';
import { conv1d } from './layers/conv1d';
import { dropout, type Masks, wanted } from './layers/dropout';
import { embedding, type Embedding } from './layers/embedding';
import { tanhGelu } from './layers/gelu';
import { layerNorm } from './layers/layer-norm';
import { perToken } from './layers/linear';
import { ParameterStore } from './layers/parameters';
import { under, type Place as PlaceOf } from './layers/place';
import { pastNames, presentNames, type CausalNetwork } from './causal-network';
import type { LayerGroup, Observe, SideInputs } from './model';

export interface Gpt2Config {
  /** 50,257 in the networks of the paper. */
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly numHeads: number;
  /** Width of the hidden layer of each feed-forward part: 4 · hiddenSize in the paper. */
  readonly intermediateSize: number;
  /** The longest text that it can read, prompt and continuation together. */
  readonly maxPositions: number;
  readonly layerNormEpsilon: number;
  /** Share that dropout leaves out of the embeddings. */
  readonly embeddingDropout: number;
  /** … of the attention weights. */
  readonly attentionDropout: number;
  /** … of what is added to the residual stream. */
  readonly residualDropout: number;
  /** Deviation of initial weights. */
  readonly initialDeviation: number;
}

const COMMON = {
  vocabSize: 50257,
  maxPositions: 1024,
  layerNormEpsilon: 1e-5,
  embeddingDropout: 0.1,
  attentionDropout: 0.1,
  residualDropout: 0.1,
  initialDeviation: 0.02,
} as const;

function sizes(numLayers: number, hiddenSize: number, numHeads: number): Gpt2Config {
  return { ...COMMON, numLayers, hiddenSize, numHeads, intermediateSize: 4 * hiddenSize };
}

/** small to xl: the paper; distilgpt2: Sanh et al., 2019. A checkpoint's config.json goes before. */
export const GPT2S = {
  gpt2: sizes(12, 768, 12),
  'gpt2-medium': sizes(24, 1024, 16),
  'gpt2-large': sizes(36, 1280, 20),
  'gpt2-xl': sizes(48, 1600, 25),
  distilgpt2: sizes(6, 768, 12),
} as const satisfies Record<string, Gpt2Config>;

export type Gpt2Name = keyof typeof GPT2S;

/** What a GPT-2 reads beside the ids of its tokens. Without any of it all are tokens, in the places 0 … T − 1. */
export interface Gpt2SideInputs extends SideInputs {
  /** `[B, T]`, 1 = a token, 0 = padding, on either side; integers or floats */
  readonly attentionMask: tf.Tensor;
  /** `[B, T]`. Texts that are padded on the left want `positionsFromMask`, as `generate` of transformers does. */
  readonly positionIds: tf.Tensor;
  /**
   * In place of the causal mask and of `attentionMask`: what is added to the scores, broadcast to `[B, heads, T, keys]`.
   * With a past, `keys` are those of the past alone: each token sees itself.
   */
  readonly attentionBias: tf.Tensor;
}

type Place = PlaceOf<Gpt2Config>;

function norm({ store, config, name }: Place) {
  return layerNorm(store, name, config.hiddenSize, config.layerNormEpsilon);
}

type Project = (x: tf.Tensor3D) => tf.Tensor3D;

/** @param toResidual its deviation is smaller the more layers add to the residual stream */
function dense({ store, config, name }: Place, inputs: number, outputs: number, toResidual = false): Project {
  const { initialDeviation, numLayers } = config;
  const deviation = toResidual ? initialDeviation / Math.sqrt(2 * numLayers) : initialDeviation;
  return conv1d(store, name, inputs, outputs, deviation);
}

/** Word and position of each token, added up. From ids `[B, T]` to `[B, T, C]`. */
function embeddings({ store, config, name }: Place): { group: LayerGroup; words: Embedding } {
  const { hiddenSize, maxPositions, initialDeviation: deviation } = config;
  const words = embedding(store, `${name}wte`, config.vocabSize, hiddenSize, { deviation });
  const positions = embedding(store, `${name}wpe`, maxPositions, hiddenSize, { deviation });
  const dropoutName = `${name}drop`;
  const group: LayerGroup = {
    name: 'embeddings',
    prefixes: [`${name}wte.`, `${name}wpe.`],
    masks: (batch, [length = 1]) =>
      wanted([{ name: dropoutName, shape: [batch, length, hiddenSize], rate: config.embeddingDropout }]),
    forward: (ids, _training, observe, masks, side: Partial<Gpt2SideInputs> = {}) => {
      const [, length = 1] = ids.shape;
      if (!side.positionIds && length > maxPositions) throw tooLong(length, maxPositions);
      // The usual positions need no table of indices: a slice broadcasts, and has the cheaper gradient.
      const position = side.positionIds
        ? positions(side.positionIds)
        : tf.slice(positions.weight, [0, 0], [length, hiddenSize]);
      const result = dropout(tf.add(words(ids), position), dropoutName, masks);
      observe?.(dropoutName, result);
      return result;
    },
  };
  return { group, words };
}

function tooLong(length: number, most: number): LearnerError {
  return new LearnerError({
    code: 'text-too-long',
    message: `A text of ${length} tokens was given; this network reads at most ${most}.`,
    remedy: `Cut texts after ${most} tokens.`,
  });
}

interface Pass {
  readonly observe: Observe | undefined;
  readonly masks: Masks | undefined;
  readonly bias: tf.Tensor;
  /** Keys and values of earlier tokens. */
  readonly past: readonly [tf.Tensor4D, tf.Tensor4D] | undefined;
}

type Part = (x: tf.Tensor3D, pass: Pass) => tf.Tensor3D;

/** Every token looks at those before it and at itself. */
function selfAttention(place: Place, index: number): Part {
  const { name, config } = place;
  const { hiddenSize, numHeads } = config;
  const project = dense(under(place, '.c_attn'), hiddenSize, 3 * hiddenSize);
  const output = dense(under(place, '.c_proj'), hiddenSize, hiddenSize, true);
  const present = presentNames(index);
  return (x, { observe, masks, bias, past }) => {
    // Queries, keys and values stand side by side, so their heads are parted all at once.
    const [query, key, value] = tf.split(splitHeads(project(x), 3 * numHeads), 3, 1) as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    observe?.(present.keys, key);
    observe?.(present.values, value);
    const heads: Heads = { query, key, value };
    const seen = past
      ? attentionWithPast(heads, past, bias)
      : attentionOfHeads(heads, {
          bias,
          dropoutName: `${name}.attn_dropout`,
          ...(masks ? { masks } : {}),
        });
    const result = dropout(output(seen), `${name}.resid_dropout`, masks);
    observe?.(name, result);
    return result;
  };
}

/** Two layers on each token by itself. */
function feedForward(place: Place): Part {
  const { name, config } = place;
  const hidden = dense(under(place, '.c_fc'), config.hiddenSize, config.intermediateSize);
  const output = dense(under(place, '.c_proj'), config.intermediateSize, config.hiddenSize, true);
  return (x, { observe, masks }) => {
    const active = tanhGelu(hidden(x)); // [B, T, intermediateSize]
    observe?.(`${name}.act`, active);
    const result = dropout(output(active), `${name}.dropout`, masks);
    observe?.(name, result);
    return result;
  };
}

/** One of the blocks: both parts are normalised first, and added to what came in. From `[B, T, C]` to the same. */
function block(place: Place, index: number): LayerGroup {
  const { name, config } = place;
  const { numHeads, hiddenSize, residualDropout, attentionDropout } = config;
  const firstNorm = norm(under(place, '.ln_1'));
  const look = selfAttention(under(place, '.attn'), index);
  const secondNorm = norm(under(place, '.ln_2'));
  const think = feedForward(under(place, '.mlp'));
  const past = pastNames(index);
  return {
    name: `h.${index}`,
    prefixes: [`${name}.`],
    masks: (batch, [length = 1]) => {
      const residual = { shape: [batch, length, hiddenSize], rate: residualDropout };
      const weights = { shape: [batch, numHeads, length, length], rate: attentionDropout };
      return wanted([
        { name: `${name}.attn.attn_dropout`, ...weights },
        { name: `${name}.attn.resid_dropout`, ...residual },
        { name: `${name}.mlp.dropout`, ...residual },
      ]);
    },
    forward: (inputs, _training, observe, masks, side: SideInputs = {}) => {
      const x = inputs as tf.Tensor3D;
      const [keys, values] = [side[past.keys], side[past.values]] as (tf.Tensor4D | undefined)[];
      const pass: Pass = {
        observe,
        masks,
        bias: biasOf(x, side),
        past: keys && values ? [keys, values] : undefined,
      };
      const normed = firstNorm(x);
      observe?.(`${name}.ln_1`, normed);
      const looked = tf.add<tf.Tensor3D>(x, look(normed, pass));
      const result = tf.add<tf.Tensor3D>(looked, think(secondNorm(looked), pass));
      observe?.(name, result);
      return result;
    },
  };
}

function biasOf({ shape: [, length] }: tf.Tensor3D, side: Partial<Gpt2SideInputs>): tf.Tensor {
  if (side.attentionBias) return side.attentionBias;
  const causal = causalBias(length);
  // The smaller of both, not their sum, which could be -Infinity: a row without any token to see would become NaN.
  return side.attentionMask ? tf.minimum(causal, paddingBias(side.attentionMask)) : causal;
}

/** The last norm, and the table of words again. Logits `[B, T, vocabSize]`. */
function head(place: Place, words: Embedding): LayerGroup {
  const { name } = place;
  const normalise = norm(under(place, 'ln_f'));
  const guess = perToken((x) => tf.matMul(x, words.weight, false, true));
  return {
    name: 'head',
    prefixes: [`${name}ln_f.`],
    forward: (x, _training, observe) => {
      const normed = normalise(x as tf.Tensor3D);
      observe?.(`${name}ln_f`, normed);
      return guess(normed);
    },
  };
}

/**
 * Position ids of texts that are padded on the left: 0 at the first token, and at padding.
 * @param attentionMask rows of 1 = a token, 0 = padding
 */
export function positionsFromMask(attentionMask: ArrayLike<number>, length: number): Int32Array {
  const positions = new Int32Array(attentionMask.length);
  for (let at = 0, next = 0; at < positions.length; at++) {
    if (at % length === 0) next = 0;
    if (attentionMask[at]) positions[at] = next++;
  }
  return positions;
}

/** @param seed of the random weights that it begins with @param deferred see ParameterStore */
export function createGpt2(
  architecture: string,
  config: Gpt2Config,
  seed: number,
  deferred = false,
): CausalNetwork {
  const store = new ParameterStore(seed, deferred);
  const place: Place = { store, config, name: 'transformer.' };
  const { group, words } = embeddings(place);
  const blocks = Array.from({ length: config.numLayers }, (_, index) =>
    block(under(place, `h.${index}`), index),
  );
  return {
    architecture,
    store,
    layerGroups: [group, ...blocks, head(place, words)],
    featureSize: config.hiddenSize,
    numClasses: config.vocabSize,
    config: { architecture, ...config },
    causal: { ...config, headSize: config.hiddenSize / config.numHeads },
    dispose: () => store.dispose(),
  };
}
