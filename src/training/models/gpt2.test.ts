import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../engine/engine';
import { denseGradient } from '../engine/optimizers/row-gradients';
import type { Engine } from '../engine/types';
import { createOptimizer, trainedPart } from '../phase-program';
import { lastStage } from '../strategies/last-stage';
import { layerGroups } from '../strategies/layer-groups';
import { wholeModel } from '../strategies/whole-model';
import type { Strategy } from '../strategies/strategy';
import { createGpt2, GPT2S, positionsFromMask, type Gpt2Config } from './gpt2';
import { gpt2Config, gpt2Tensors } from './gpt2-checkpoint';
import { tanhGelu } from './layers/gelu';
import { drawMasks, maskInputs, pickMasks } from './layers/dropout';
import { forwardGroups, masksOf, tensorsOf, type Network } from './model';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 2 });
});
afterAll(() => engine.dispose());

const TINY: Gpt2Config = {
  ...GPT2S.gpt2,
  vocabSize: 50,
  hiddenSize: 16,
  numLayers: 2,
  numHeads: 4,
  intermediateSize: 24,
  maxPositions: 12,
  initialDeviation: 0.3,
};
const BATCH = 2;
const LENGTH = 6;
const IDS = Int32Array.from({ length: BATCH * LENGTH }, (_, index) => (7 * index + 3) % 50);

function logitsOf(
  model: Network,
  ids: ArrayLike<number>,
  side?: { attentionMask: number[]; positionIds?: Int32Array },
): number[][][] {
  const shape: [number, number] = [ids.length / LENGTH, LENGTH];
  return tf.tidy(() => {
    const tensors = side && {
      attentionMask: tf.tensor2d(side.attentionMask, shape),
      ...(side.positionIds ? { positionIds: tf.tensor2d(side.positionIds, shape, 'int32') } : {}),
    };
    const input = tf.tensor2d(Int32Array.from(ids), shape, 'int32');
    const range = { from: 0, to: model.layerGroups.length };
    return forwardGroups(
      model,
      input,
      range,
      false,
      undefined,
      undefined,
      tensors,
    ).arraySync() as number[][][];
  });
}

function compileStep(model: Network, rates: Readonly<Record<string, number>>) {
  const part = trainedPart(model, { learningRates: rates });
  const masks = masksOf(part.active, BATCH, [LENGTH]);
  const step = engine.compileStep({
    name: 'step',
    inputs: {
      inputIds: { shape: [BATCH, LENGTH], dtype: 'int32' },
      ...maskInputs(masks),
    },
    trainable: part.parameters,
    forward: ({ inputIds, ...rest }) => {
      const range = { from: 0, to: model.layerGroups.length };
      const dropped = pickMasks(masks, rest);
      const logits = forwardGroups(model, inputIds as tf.Tensor, range, true, undefined, dropped);
      return { loss: tf.mean<tf.Scalar>(tf.square(tf.sub(logits, 1))) };
    },
  });
  return { part, masks, step };
}

const all = (model: Network): Record<string, number> =>
  Object.fromEntries(model.layerGroups.map(({ name }) => [name, 1e-3]));

describe('GPT-2', () => {
  it('sees what is before a token and never what comes after it', () => {
    const model = createGpt2('gpt2', TINY, 1);
    const [before] = logitsOf(model, IDS.subarray(0, LENGTH));
    const changed = IDS.slice(0, LENGTH);
    changed[4] = 49;
    const [after] = logitsOf(model, changed);
    for (let place = 0; place < 4; place++) expect(after?.[place]).toEqual(before?.[place]);
    expect(after?.[4]).not.toEqual(before?.[4]);
    expect(after?.[5]).not.toEqual(before?.[5]);
    model.dispose();
  });

  it('gives a text that is padded on the left the logits of the text alone', () => {
    const model = createGpt2('gpt2', TINY, 1);
    const [alone] = logitsOf(model, [3, 10, 17, 24, 31, 38]);
    const attentionMask = [0, 0, 1, 1, 1, 1];
    const positionIds = positionsFromMask(attentionMask, LENGTH);
    expect([...positionIds]).toEqual([0, 0, 0, 1, 2, 3]);
    const [padded] = logitsOf(model, [9, 9, 3, 10, 17, 24], { attentionMask, positionIds });
    for (let place = 0; place < 4; place++)
      for (const [id, logit] of (alone?.[place] ?? []).entries())
        expect(padded?.[place + 2]?.[id]).toBeCloseTo(logit, 4);
    expect(padded?.flat().every(Number.isFinite)).toBe(true);
    model.dispose();
  });

  it('compiles its whole step with dropout, in which every tensor gets a gradient', () => {
    const model = createGpt2('gpt2', TINY, 1);
    const { step, masks } = compileStep(model, all(model));
    expect(step.info.uncompiled).toEqual([]);
    expect(masks.map(({ name, shape }) => `${name} ${shape.join('x')}`)).toEqual([
      'transformer.drop 2x6x16',
      ...[0, 1].flatMap((layer) => [
        `transformer.h.${layer}.attn.attn_dropout 2x4x6x6`,
        `transformer.h.${layer}.attn.resid_dropout 2x6x16`,
        `transformer.h.${layer}.mlp.dropout 2x6x16`,
      ]),
    ]);
    const draw = (index: number) => step.run({ inputIds: IDS, ...drawMasks(masks, 1, index) });
    const { gradients } = draw(0);
    for (const { name, variable } of model.store.tensors.values())
      expect(
        denseGradient(gradients.get(variable.name) ?? new Float32Array(0), variable.size).some(
          (value) => Math.abs(value) > 1e-7,
        ),
        name,
      ).toBe(true);
    const losses = [0, 0, 1].map((index) => draw(index).loss);
    expect(losses[1]).toBe(losses[0]);
    expect(losses[2]).not.toBe(losses[0]);
    step.dispose();
    model.dispose();
  });

  it('keeps frozen groups bit for bit over three steps, the table of words too, which is also the head', () => {
    const model = createGpt2('gpt2', TINY, 1);
    const { step, part, masks } = compileStep(model, { 'h.1': 1e-3, head: 1e-2 });
    expect(part.from).toBe(2);
    engine.adopt(part.parameters);
    const before = new Map(
      [...model.store.tensors.values()].map(({ name, variable }) => [name, engine.data(variable).slice()]),
    );
    const settings = {
      learningRate: 1e-3,
      optimizer: 'adamw',
      weightDecay: 0.1,
      schedule: 'constant',
      warmupSteps: 0,
    } as const;
    const optimizer = createOptimizer(engine, model, part, settings);
    for (let k = 0; k < 3; k++)
      optimizer.apply(step.run({ inputIds: IDS, ...drawMasks(masks, 1, k) }).gradients);
    const moved = [...model.store.tensors.values()]
      .filter(({ name, variable }) =>
        engine.data(variable).some((value, index) => !Object.is(value, before.get(name)?.[index])),
      )
      .map(({ name }) => name);
    const trained = model.layerGroups.slice(2).flatMap((group) => tensorsOf(model, group));
    expect(moved).toEqual(trained.map(({ name }) => name));
    optimizer.dispose();
    step.dispose();
    model.dispose();
  });

  it('has every tensor in exactly one layer group, which the strategies can name', () => {
    const model = createGpt2('gpt2', { ...TINY, numLayers: 11 }, 1);
    const names = model.layerGroups.map(({ name }) => name);
    expect(names).toEqual(['embeddings', ...Array.from({ length: 11 }, (_, index) => `h.${index}`), 'head']);
    const grouped = model.layerGroups.flatMap((group) => tensorsOf(model, group).map(({ name }) => name));
    expect([...grouped].sort()).toEqual([...model.store.tensors.keys()].sort());
    const trained = (strategy: Strategy): string[][] =>
      strategy.plan(names, 1).map(({ learningRates }) => Object.keys(learningRates));
    expect(trained(lastStage.create({}))).toEqual([['h.10', 'head']]);
    expect(trained(layerGroups(['h.1', 'h.10']))).toEqual([['h.1', 'h.10', 'head']]);
    expect(trained(wholeModel.create({}))).toEqual([names]);
    model.dispose();
  });

  it('refuses a text longer than its context, with both lengths', () => {
    const model = createGpt2('gpt2', { ...TINY, maxPositions: 4 }, 1);
    expect(() => logitsOf(model, IDS.subarray(0, LENGTH))).toThrow(
      'A text of 6 tokens was given; this network reads at most 4.',
    );
    model.dispose();
  });

  it.each([
    ['gpt2', 124_439_808],
    ['gpt2-medium', 354_823_168],
    ['gpt2-large', 774_030_080],
    ['gpt2-xl', 1_557_611_200],
    ['distilgpt2', 81_912_576],
  ] as const)('%s has as many parameters as its authors say', (name, parameters) => {
    // The counts of transformers' GPT2LMHeadModel(config).num_parameters(), tied weights once. Reckoned from shapes.
    const { vocabSize: V, maxPositions: P, hiddenSize: C, numLayers, intermediateSize: I } = GPT2S[name];
    const block = 4 * C + (3 * C * C + 3 * C) + (C * C + C) + (C * I + I) + (I * C + C);
    expect(V * C + P * C + numLayers * block + 2 * C).toBe(parameters);
    const small = createGpt2('gpt2', TINY, 1);
    const sizes = [...small.store.tensors.values()].reduce((sum, { variable }) => sum + variable.size, 0);
    const c = 16;
    const own = 4 * c + (3 * c * c + 3 * c) + (c * c + c) + (c * 24 + 24) + (24 * c + c);
    expect(sizes).toBe(50 * c + 12 * c + 2 * own + 2 * c);
    small.dispose();
  });
});

describe('the tanh GELU', () => {
  it('has the values and slopes of the formula', () => {
    // torch.nn.functional.gelu(x, approximate='tanh') and its gradient, in float64.
    const x = [-3, -1, -0.25, 0, 0.5, 1, 2.5];
    const values = [-0.003637392, -0.158808009, -0.100324649, 0, 0.34571401, 0.841191991, 2.484915734];
    const [y, dx] = tf.tidy(() => {
      const input = tf.tensor1d(x);
      return [
        tanhGelu(input).arraySync(),
        tf
          .grad((at) => tanhGelu(at))(input)
          .arraySync() as number[],
      ];
    });
    const formula = (at: number): number =>
      (at / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (at + 0.044715 * at ** 3)));
    for (const [index, at] of x.entries()) {
      expect(y[index]).toBeCloseTo(values[index] ?? NaN, 5);
      expect(dx[index]).toBeCloseTo((formula(at + 1e-5) - formula(at - 1e-5)) / 2e-5, 5);
    }
  });
});

describe('a published GPT-2', () => {
  it('is read from its config.json, with the defaults of transformers', () => {
    expect(gpt2Config({ model_type: 'gpt2' }, 'config.json')).toEqual(GPT2S.gpt2);
    const other = gpt2Config(
      { n_embd: 32, n_head: 4, n_inner: 100, layer_norm_epsilon: 1e-6 },
      'config.json',
    );
    expect([other.hiddenSize, other.intermediateSize, other.layerNormEpsilon]).toEqual([32, 100, 1e-6]);
  });

  it.each([
    [{ model_type: 'bert' }, 'is of no GPT-2'],
    [{ activation_function: 'relu' }, 'activation_function'],
    [{ tie_word_embeddings: false }, 'tie_word_embeddings'],
    [{ scale_attn_by_inverse_layer_idx: true }, 'scale_attn_by_inverse_layer_idx'],
    [{ n_embd: 30, n_head: 4 }, 'n_embd 30 cannot be shared out among 4 heads'],
    [null, 'is of no GPT-2'],
  ])('is refused where it is none, or another kind: %j', (content, message) => {
    expect(() => gpt2Config(content, 'config.json')).toThrow(message);
  });

  it('may leave out the prefix of its names, and hold masks and the tied head, which are not read', () => {
    const tensors = new Map(
      [
        'wte.weight',
        'h.0.attn.bias',
        'h.0.attn.masked_bias',
        'h.0.attn.c_attn.bias',
        'ln_f.bias',
        'lm_head.weight',
        'other.weight',
      ].map((name) => [name, name]),
    );
    expect([...gpt2Tensors(tensors)]).toEqual([
      ['transformer.wte.weight', 'wte.weight'],
      ['transformer.h.0.attn.c_attn.bias', 'h.0.attn.c_attn.bias'],
      ['transformer.ln_f.bias', 'ln_f.bias'],
      ['other.weight', 'other.weight'],
    ]);
    const prefixed = new Map([
      ['transformer.h.0.attn.bias', 1],
      ['transformer.h.0.ln_1.bias', 2],
    ] as const);
    expect([...gpt2Tensors(prefixed)]).toEqual([['transformer.h.0.ln_1.bias', 2]]);
  });
});
