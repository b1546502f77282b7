import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../engine/engine';
import { denseGradient } from '../engine/optimizers/row-gradients';
import type { Engine, Gradient, NamedData, NamedTensors, TrainingStep } from '../engine/types';
import { createOptimizer, trainedPart, type TrainedPart } from '../phase-program';
import { BERTS, createBert, type BertConfig, type BertHead } from './bert';
import { drawMasks, maskInputs, pickMasks, type MaskSpec } from './layers/dropout';
import { forwardGroups, masksOf, tensorsOf, type Network, type SideInputs } from './model';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 2 });
});
afterAll(() => engine.dispose());

const TINY: BertConfig = {
  ...BERTS['bert-tiny'],
  vocabSize: 50,
  hiddenSize: 16,
  numHeads: 4,
  intermediateSize: 24,
  maxPositions: 12,
  initialDeviation: 0.3,
  head: 'sequence',
  pooling: 'pooler',
  numClasses: 3,
};
const HEADS: readonly BertHead[] = ['sequence', 'tokens', 'question', 'words'];
const BATCH = 3;
const LENGTH = 8;
const LENGTHS = [8, 5, 2];

/** Sentences of different lengths, filled up with padding to `length`. */
function sentences(length = LENGTH): {
  inputIds: Int32Array;
  attentionMask: Float32Array;
  tokenTypeIds: Int32Array;
} {
  const inputIds = new Int32Array(BATCH * length);
  const attentionMask = new Float32Array(BATCH * length);
  const tokenTypeIds = new Int32Array(BATCH * length);
  for (const [row, count] of LENGTHS.entries())
    for (let at = 0; at < count; at++) {
      inputIds[row * length + at] = 1 + ((row * 13 + at * 7) % 49);
      attentionMask[row * length + at] = 1;
      tokenTypeIds[row * length + at] = at > 3 ? 1 : 0;
    }
  return { inputIds, attentionMask, tokenTypeIds };
}

function inputSpecs(length = LENGTH) {
  const shape = [BATCH, length];
  return {
    inputIds: { shape, dtype: 'int32' },
    attentionMask: { shape, dtype: 'float32' },
    tokenTypeIds: { shape, dtype: 'int32' },
  } as const;
}

const sideOf = ({ attentionMask, tokenTypeIds }: NamedTensors): SideInputs => ({
  attentionMask: attentionMask as tf.Tensor,
  tokenTypeIds: tokenTypeIds as tf.Tensor,
});

function logitsOf(model: Network, length = LENGTH): Float32Array {
  const compiled = engine.compileFunction({
    name: 'logits',
    inputs: inputSpecs(length),
    run: (inputs) => {
      const range = { from: 0, to: model.layerGroups.length };
      const ids = inputs['inputIds'] as tf.Tensor;
      return { logits: forwardGroups(model, ids, range, false, undefined, undefined, sideOf(inputs)) };
    },
  });
  expect(compiled.info.uncompiled).toEqual([]);
  const logits = (compiled.run(sentences(length))['logits'] as Float32Array).slice();
  compiled.dispose();
  return logits;
}

/** A step whose loss is the mean square of the logits: enough to give every tensor a gradient. */
function compileStep(
  model: Network,
  part: TrainedPart,
  masks: readonly MaskSpec[] = masksOf(part.active, BATCH, [LENGTH]),
): TrainingStep & { run(inputs: NamedData): ReturnType<TrainingStep['run']> } {
  return engine.compileStep({
    name: 'step',
    inputs: { ...inputSpecs(), ...maskInputs(masks) },
    trainable: part.parameters,
    forward: ({ inputIds, ...rest }) => {
      const range = { from: 0, to: model.layerGroups.length };
      const dropped = pickMasks(masks, rest);
      const side = sideOf(rest);
      const logits = forwardGroups(model, inputIds as tf.Tensor, range, true, undefined, dropped, side);
      return { loss: tf.mean<tf.Scalar>(tf.square(tf.sub(logits, 1))), outputs: { logits } };
    },
  });
}

describe.each(HEADS)('BERT with the head "%s"', (head) => {
  it('gives the same logits however much padding follows a sentence', () => {
    const model = createBert('bert', { ...TINY, head }, 1);
    const [short, long] = [logitsOf(model, LENGTH), logitsOf(model, 12)];
    const forText = head === 'sequence';
    const perPlace = forText ? model.numClasses : short.length / (BATCH * LENGTH);
    for (const [row, count] of LENGTHS.entries())
      for (let at = 0; at < (forText ? 1 : count) * perPlace; at++) {
        const from = (length: number): number => (forText ? row * perPlace : row * length * perPlace) + at;
        expect(long[from(12)]).toBeCloseTo(short[from(LENGTH)] ?? NaN, 5);
      }
    expect(short.every(Number.isFinite)).toBe(true);
    model.dispose();
  });

  it('compiles its whole step, in which every tensor gets a gradient', () => {
    const model = createBert('bert', { ...TINY, head }, 1);
    const rates = Object.fromEntries(model.layerGroups.map(({ name }) => [name, 1e-3]));
    const part = trainedPart(model, { learningRates: rates });
    const masks = masksOf(part.active, BATCH, [LENGTH]);
    const step = compileStep(model, part, masks);
    expect(step.info.uncompiled).toEqual([]);
    const { gradients } = step.run({ ...sentences(), ...drawMasks(masks, 1, 0) });
    const without = [...model.store.tensors.values()].filter(
      ({ variable }) => !valuesOf(gradients.get(variable.name)).some((value) => Math.abs(value) > 1e-7),
    );
    // What is added to all scores of a row leaves its softmax alone.
    expect(without.map(({ name }) => name).filter((name) => !name.endsWith('key.bias'))).toEqual([]);
    step.dispose();
    model.dispose();
  });

  it('has every tensor in exactly one layer group, the head last', () => {
    const model = createBert('bert', { ...TINY, head }, 1);
    const grouped = model.layerGroups.flatMap((group) => tensorsOf(model, group).map(({ name }) => name));
    expect([...grouped].sort()).toEqual([...model.store.tensors.keys()].sort());
    const names = model.layerGroups.map(({ name }) => name);
    const pooler = head === 'sequence' ? ['pooler'] : [];
    expect(names).toEqual(['embeddings', 'layer.0', 'layer.1', ...pooler, 'head']);
    model.dispose();
  });
});

describe('BERT', () => {
  it('keeps frozen groups bit for bit over three steps with dropout, and moves all of the others', () => {
    const model = createBert('bert', TINY, 1);
    const rates = { 'layer.1': 1e-3, pooler: 1e-3, head: 1e-2 };
    const part = trainedPart(model, { learningRates: rates });
    expect(part.from).toBe(2);
    engine.adopt(part.parameters);
    const before = new Map(
      [...model.store.tensors.values()].map(({ name, variable }) => [name, engine.data(variable).slice()]),
    );
    const masks = masksOf(part.active, BATCH, [LENGTH]);
    const step = compileStep(model, part, masks);
    const settings = {
      learningRate: 1e-3,
      optimizer: 'adamw',
      weightDecay: 0.1,
      schedule: 'constant',
      warmupSteps: 0,
    } as const;
    const optimizer = createOptimizer(engine, model, part, settings);
    for (let k = 0; k < 3; k++)
      optimizer.apply(step.run({ ...sentences(), ...drawMasks(masks, 1, k) }).gradients);
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

  it('goes on from what a frozen prefix made of the sentences to the same logits', () => {
    const model = createBert('bert', { ...TINY, pooling: 'mean' }, 1);
    const expected = logitsOf(model);
    for (let from = 1; from < model.layerGroups.length; from++) {
      const { inputIds, ...rest } = sentences();
      const actual = tf.tidy(() => {
        const ids = tf.tensor(inputIds, [BATCH, LENGTH], 'int32');
        const side = {
          attentionMask: tf.tensor(rest.attentionMask, [BATCH, LENGTH]),
          tokenTypeIds: tf.tensor(rest.tokenTypeIds, [BATCH, LENGTH], 'int32'),
        };
        const pass = (x: tf.Tensor, a: number, to: number): tf.Tensor =>
          forwardGroups(model, x, { from: a, to }, false, undefined, undefined, side);
        const features = tf.tensor(pass(ids, 0, from).arraySync()); // as kept in a file
        // After the embeddings only the mask is needed.
        const { attentionMask } = side;
        const range = { from, to: model.layerGroups.length };
        return forwardGroups(model, features, range, false, undefined, undefined, {
          attentionMask,
        }).dataSync();
      });
      for (const [index, value] of expected.entries()) expect(actual[index]).toBeCloseTo(value, 5);
    }
    model.dispose();
  });

  it('leaves out the same values for the same seed and step, others in the next step, none in evaluation', () => {
    const model = createBert('bert', TINY, 1);
    const part = trainedPart(model, {
      learningRates: { 'layer.0': 1e-3, 'layer.1': 1e-3, pooler: 1e-3, head: 1e-3 },
    });
    const masks = masksOf(part.active, BATCH, [LENGTH]);
    expect(masks.map(({ name, shape }) => `${name} ${shape.join('x')}`)).toEqual([
      'bert.encoder.layer.0.attention.self.dropout 3x4x8x8',
      'bert.encoder.layer.0.attention.output.dropout 3x8x16',
      'bert.encoder.layer.0.output.dropout 3x8x16',
      'bert.encoder.layer.1.attention.self.dropout 3x4x8x8',
      'bert.encoder.layer.1.attention.output.dropout 3x8x16',
      'bert.encoder.layer.1.output.dropout 3x8x16',
      'dropout 3x16',
    ]);
    const step = compileStep(model, part, masks);
    const losses = [
      [1, 0],
      [1, 0],
      [1, 1],
      [2, 0],
    ].map(([seed = 0, index = 0]) => step.run({ ...sentences(), ...drawMasks(masks, seed, index) }).loss);
    expect(losses[1]).toBe(losses[0]);
    expect(new Set(losses).size).toBe(3);
    step.dispose();
    const evaluated = logitsOf(model);
    const ones = compileStep(model, part, []);
    const { outputs } = ones.run(sentences());
    for (const [index, value] of evaluated.entries())
      expect(outputs['logits']?.[index]).toBeCloseTo(value, 5);
    ones.dispose();
    model.dispose();
  });

  it('wants no masks at all where its dropout is 0', () => {
    const config = { ...TINY, hiddenDropout: 0, attentionDropout: 0, headDropout: 0 };
    const model = createBert('bert', config, 1);
    expect(masksOf(model.layerGroups, BATCH, [LENGTH])).toEqual([]);
    model.dispose();
  });

  it('takes positions that are given, and counts from 0 where none are', () => {
    const model = createBert('bert', { ...TINY, head: 'none' }, 1);
    tf.tidy(() => {
      const ids = tf.tensor2d([5, 6, 7, 8], [1, 4], 'int32');
      const run = (positions?: number[]): number[] => {
        const side = positions ? { positionIds: tf.tensor2d([positions], [1, 4], 'int32') } : {};
        const range = { from: 0, to: model.layerGroups.length };
        return [...forwardGroups(model, ids, range, false, undefined, undefined, side).dataSync()];
      };
      const plain = run();
      for (const [index, value] of run([0, 1, 2, 3]).entries())
        expect(value).toBeCloseTo(plain[index] ?? NaN, 6);
      expect(Math.abs((run([4, 5, 6, 7])[0] ?? 0) - (plain[0] ?? 0))).toBeGreaterThan(1e-4);
    });
    model.dispose();
  });

  it('says how long a text may be', () => {
    const model = createBert('bert', TINY, 1);
    expect(() => logitsOf(model, 13)).toThrow(
      'A text of 13 tokens was given; this network reads at most 12.',
    );
    model.dispose();
  });

  it('takes the mean over tokens without padding, or the first token', () => {
    tf.tidy(() => {
      const hidden = tf.range(0, 1 * 3 * 16).reshape([1, 3, 16]);
      const side = { attentionMask: tf.tensor2d([1, 1, 0], [1, 3]) };
      const pooled = (pooling: 'mean' | 'first', given: SideInputs = side): number[] => {
        const model = createBert('bert', { ...TINY, pooling }, 1);
        const group = model.layerGroups.find(({ name }) => name === 'pooler');
        const values = [...(group?.forward(hidden, false, undefined, undefined, given).dataSync() ?? [])];
        model.dispose();
        return values.slice(0, 2);
      };
      expect(pooled('mean')).toEqual([8, 9]); // (0 + 16) / 2
      expect(pooled('mean', {})).toEqual([16, 17]); // (0 + 16 + 32) / 3
      expect(pooled('first')).toEqual([0, 1]);
    });
  });

  it('guesses masked words by its head and the table of words, as plain loops do', () => {
    const model = createBert('bert', { ...TINY, head: 'words' }, 1);
    const values = (name: string): Float32Array => model.store.get(name).variable.dataSync() as Float32Array;
    const { hiddenSize: size, vocabSize, layerNormEpsilon } = TINY;
    tf.tidy(() => {
      const hidden = tf.sin(tf.range(0, size)).reshape([1, 1, size]);
      const logits = model.layerGroups.at(-1)?.forward(hidden, false).dataSync() ?? new Float32Array(0);
      const x = [...hidden.dataSync()];
      const matrix = values('cls.predictions.transform.dense.weight'); // [out, in]
      const inner = x.map((_, row) =>
        x.reduce((sum, value, k) => sum + value * (matrix[row * size + k] ?? 0), 0),
      );
      const active = inner.map((value) => (value * (1 + erf(value / Math.SQRT2))) / 2);
      const mean = active.reduce((sum, value) => sum + value, 0) / size;
      const variance = active.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size;
      const normed = active.map((value) => (value - mean) / Math.sqrt(variance + layerNormEpsilon));
      const table = values('bert.embeddings.word_embeddings.weight');
      expect(logits.length).toBe(vocabSize);
      for (const [word, logit] of logits.entries())
        expect(logit).toBeCloseTo(
          normed.reduce((sum, value, k) => sum + value * (table[word * size + k] ?? 0), 0),
          4,
        );
    });
    model.dispose();
  });

  it('trains the table of words by both of its uses: [PAD] too, but only as a word that might be guessed', () => {
    const gradientOfPadding = (head: BertHead): boolean => {
      const model = createBert('bert', { ...TINY, head }, 1);
      const part = trainedPart(model, { learningRates: { embeddings: 1e-3, head: 1e-3 } });
      const step = compileStep(model, part, []);
      const { gradients } = step.run(sentences());
      const { variable } = model.store.get('bert.embeddings.word_embeddings.weight');
      const table = denseGradient(gradients.get(variable.name) as Gradient, variable.size);
      const row = table.subarray(0, TINY.hiddenSize);
      step.dispose();
      model.dispose();
      return row.some((value) => value !== 0);
    };
    expect(gradientOfPadding('words')).toBe(true);
    expect(gradientOfPadding('tokens')).toBe(false);
  });

  it.each([
    ['tokens', 'rows'],
    ['words', 'dense'],
  ] as const)('with the head "%s" updates its table of words by: %s', (head, updates) => {
    const model = createBert('bert', { ...TINY, head }, 1);
    const part = trainedPart(model, { learningRates: { embeddings: 1e-3, head: 1e-3 } });
    const step = compileStep(model, part, []);
    const { inputIds } = sentences();
    const { variable } = model.store.get('bert.embeddings.word_embeddings.weight');
    const before = engine.data(variable).slice();
    const optimizer = engine.createOptimizer({
      kind: 'adamw',
      groups: [{ name: 'all', variables: part.parameters, learningRate: 1e-3, weightDecay: 0.1 }],
    });
    optimizer.apply(step.run(sentences()).gradients);
    const after = engine.data(variable);
    const moved = Array.from({ length: TINY.vocabSize }, (_, row) => row).filter((row) =>
      Array.from({ length: TINY.hiddenSize }, (_, at) => row * TINY.hiddenSize + at).some(
        (at) => !Object.is(after[at], before[at]),
      ),
    );
    const used = [...new Set(inputIds)].filter((id) => id !== TINY.paddingId).sort((a, b) => a - b);
    expect(used.length).toBeLessThan(20);
    expect(moved).toEqual(
      updates === 'rows' ? used : Array.from({ length: TINY.vocabSize }, (_, row) => row),
    );
    optimizer.dispose();
    step.dispose();
    model.dispose();
  });
});

/** All that is not left out of a gradient. */
function valuesOf(gradient: Gradient | undefined): Float32Array {
  if (!gradient) return new Float32Array(0);
  return gradient instanceof Float32Array ? gradient : gradient.values;
}

/** By its power series, in float64. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 60; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
