import type { Network } from './model';

/** What a cache of keys and values must know of a network. */
export interface CausalSizes {
  readonly vocabSize: number;
  readonly numLayers: number;
  readonly numHeads: number;
  /** Numbers of a key, and of a value, for each head. */
  readonly headSize: number;
  /** The longest text that it can read. */
  readonly maxPositions: number;
}

/**
 * A network that says of each token what may follow it, and that can go on from what it kept of earlier tokens: with the side
 * inputs of `pastNames` it reads one token a text. It shows the keys and values of what it reads under `presentNames`.
 * All are `[batch, numHeads, tokens, headSize]`. Its other side inputs are those of GPT-2.
 */
export interface CausalNetwork extends Network {
  readonly causal: CausalSizes;
}

export interface PairNames {
  readonly keys: string;
  readonly values: string;
}

export const pastNames = (layer: number): PairNames => ({
  keys: `past.${layer}.keys`,
  values: `past.${layer}.values`,
});

export const presentNames = (layer: number): PairNames => ({
  keys: `present.${layer}.keys`,
  values: `present.${layer}.values`,
});
