import * as tf from '@tensorflow/tfjs';
import type { Engine, OpenFunction, Sizes } from '../engine/types';
import { pastNames, presentNames, type CausalNetwork } from '../models/causal-network';
import { SMALLEST } from '../models/layers/attention';
import { forwardGroups, type SideInputs } from '../models/model';

/** The two graphs that text is generated with. Their outputs: `logits` of the last token, and its layers' `presentNames`. */
export interface CausalPrograms {
  /** A whole text at once: sizes `tokens`. */
  readonly prefill: OpenFunction;
  /** One more token for each of several texts: sizes `rows`, `past`. */
  readonly step: OpenFunction;
  dispose(): void;
}

/**
 * Both graphs hold for any number of texts and tokens, so nothing is compiled again while texts grow and end. A step reads every
 * weight for a few tokens, so it has them as constants, which ONNX Runtime lays out for its products (a copy in memory); a
 * whole text has many rows, gains little from that, and reads the weights where they are.
 */
export function compilePrograms(engine: Engine, network: CausalNetwork): CausalPrograms {
  const name = network.architecture;
  const prefill = engine.compileOpenFunction({
    name: `${name}, a prompt`,
    sizes: ['tokens'],
    fed: 'all',
    inputs: ({ tokens = 1 }) => ({
      inputIds: { shape: [1, tokens], dtype: 'int32' },
      positionIds: { shape: [1, tokens], dtype: 'int32' },
      attentionBias: { shape: [tokens, tokens], dtype: 'float32' },
      last: { shape: [1], dtype: 'int32' },
    }),
    run: ({ inputIds, last, ...side }) => {
      const { hidden, present } = throughLayers(network, inputIds as tf.Tensor, side);
      return { logits: headOf(network, tf.gather(hidden, last as tf.Tensor1D, 1)), ...present };
    },
  });
  const step = engine.compileOpenFunction({
    name: `${name}, one token`,
    sizes: ['rows', 'past'],
    inputs: ({ rows = 1, past = 1 }) => ({
      inputIds: { shape: [rows, 1], dtype: 'int32' },
      positionIds: { shape: [rows, 1], dtype: 'int32' },
      attentionBias: { shape: [rows, 1, 1, past], dtype: 'float32' },
      ...pastSpecs(network, rows, past),
    }),
    run: ({ inputIds, ...side }) => {
      const { hidden, present } = throughLayers(network, inputIds as tf.Tensor, side);
      return { logits: headOf(network, hidden), ...present };
    },
  });
  return {
    prefill,
    step,
    dispose: () => {
      prefill.dispose();
      step.dispose();
    },
  };
}

function pastSpecs({ causal: { numLayers, numHeads, headSize } }: CausalNetwork, rows: number, past: number) {
  const spec = { shape: [rows, numHeads, past, headSize], dtype: 'float32' as const };
  const names = Array.from({ length: numLayers }, (_, layer) => pastNames(layer));
  return Object.fromEntries(names.flatMap(({ keys, values }) => [keys, values].map((name) => [name, spec])));
}

function throughLayers(
  network: CausalNetwork,
  inputIds: tf.Tensor,
  side: SideInputs,
): { hidden: tf.Tensor; present: Record<string, tf.Tensor> } {
  const wanted = new Set(
    Array.from({ length: network.causal.numLayers }, (_, layer) =>
      Object.values(presentNames(layer) as unknown as Record<string, string>),
    ).flat(),
  );
  const present: Record<string, tf.Tensor> = {};
  const observe = (name: string, value: tf.Tensor): void => {
    if (wanted.has(name)) present[name] = value;
  };
  const range = { from: 0, to: network.layerGroups.length - 1 };
  return { hidden: forwardGroups(network, inputIds, range, false, observe, undefined, side), present };
}

function headOf(network: CausalNetwork, hidden: tf.Tensor): tf.Tensor {
  const to = network.layerGroups.length;
  return forwardGroups(network, hidden, { from: to - 1, to }, false);
}

/** Runs a text through `prefill`. @returns views that hold until its next run */
export function runPrefill({ prefill }: CausalPrograms, text: ArrayLike<number>) {
  const tokens = text.length;
  const bias = new Float32Array(tokens * tokens);
  for (let row = 0; row < tokens; row++) bias.fill(SMALLEST, row * tokens + row + 1, (row + 1) * tokens);
  const sizes: Sizes = { tokens };
  return prefill.run(sizes, {
    inputIds: Int32Array.from(text),
    positionIds: Int32Array.from({ length: tokens }, (_, index) => index),
    attentionBias: bias,
    last: Int32Array.of(tokens - 1),
  });
}
