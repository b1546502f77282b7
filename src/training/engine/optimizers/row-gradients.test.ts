import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../engine';
import { someNumbers } from '../ops/kernel-cases';
import type { EmbeddingUpdates, Engine, Gradient, NamedData, Optimizer, OptimizerSpec } from '../types';
import { denseGradient } from './row-gradients';
import { adam, sgd, sumOfSquares, type UpdateArrays } from './update-rules';

let engine: Engine;
let count = 0;
beforeAll(async () => {
  engine = await createEngine({ threads: 1 });
});
afterAll(() => engine.dispose());

const ROWS = 20;
const SIZE = 8;
type Kind = { kind: 'sgd'; momentum: number } | { kind: 'adamw' };

interface Settings {
  readonly kind?: Kind;
  readonly updates?: EmbeddingUpdates;
  readonly weightDecay?: number;
  readonly clipNorm?: number;
  readonly lookUps?: number;
  readonly rows?: number;
}

interface Lookups {
  readonly table: tf.Variable;
  readonly optimizer: Optimizer;
  gradient(ids: readonly number[], weights: Float32Array): Gradient;
  step(ids: readonly number[], weights: Float32Array): number;
  values(): number[];
}

/** A step whose loss is the sum of looked-up rows times given weights: these are the gradient of each look-up. */
function lookUps(
  { kind = { kind: 'adamw' }, updates, weightDecay = 0, clipNorm, lookUps: n = 6, rows = ROWS }: Settings,
  on = engine,
): Lookups {
  const table = tf.variable(tf.tensor2d(someNumbers(rows * SIZE, 1), [rows, SIZE]), true, `table${count++}`);
  const step = on.compileStep({
    name: 'look-ups',
    inputs: {
      ids: { shape: [n], dtype: 'int32' },
      weights: { shape: [n, SIZE], dtype: 'float32' },
    },
    trainable: [table],
    forward: ({ ids, weights }) => ({
      loss: tf.sum(tf.mul(lookUp(table, ids as tf.Tensor), weights as tf.Tensor)),
    }),
  });
  const groups = [{ name: 'all', variables: [table], learningRate: 0.1, weightDecay }];
  const spec: OptimizerSpec = {
    ...kind,
    groups,
    ...(updates ? { embeddingUpdates: updates } : {}),
    ...(clipNorm ? { clipNorm } : {}),
  };
  const optimizer = on.createOptimizer(spec);
  const gradient = (ids: readonly number[], weights: Float32Array): Gradient => {
    const data: NamedData = { ids: Int32Array.from(ids), weights };
    return step.run(data).gradients.get(table.name) as Gradient;
  };
  return {
    table,
    optimizer,
    gradient,
    step: (ids, weights) => optimizer.apply(new Map([[table.name, gradient(ids, weights)]])).gradientNorm,
    values: () => [...on.data(table)],
  };
}

/** Rows of the table, with the gradient as the embedding layer has it. */
function lookUp(table: tf.Variable, ids: tf.Tensor): tf.Tensor {
  const gather = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [rows, save] = args as [tf.Tensor, tf.GradSaveFunc];
    save([ids]);
    return {
      value: tf.gather(rows, ids),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) =>
        tf.unsortedSegmentSum(dy, saved as tf.Tensor1D, table.shape[0] ?? 0),
    };
  });
  return gather(table);
}

/** The lazy rule, plainly: the plain rule of update-rules.ts on the rows that have a gradient, the step counted for all. */
function plainRows(
  kind: Kind,
  table: UpdateArrays,
  ids: readonly number[],
  weights: Float32Array,
  numbers: { step: number; weightDecay: number; clipNorm: number },
): void {
  table.gradient.fill(0);
  for (const [index, row] of ids.entries())
    for (let at = 0; at < SIZE; at++)
      table.gradient[row * SIZE + at] =
        (table.gradient[row * SIZE + at] ?? 0) + (weights[index * SIZE + at] ?? 0);
  const gradientScale = Math.min(1, numbers.clipNorm / (Math.sqrt(sumOfSquares(table.gradient)) + 1e-6));
  const common = { learningRate: 0.1, weightDecay: numbers.weightDecay, gradientScale };
  for (const row of new Set(ids)) {
    const part = (array: Float32Array): Float32Array => array.subarray(row * SIZE, (row + 1) * SIZE);
    const arrays = {
      values: part(table.values),
      gradient: part(table.gradient),
      first: part(table.first),
      second: part(table.second),
    };
    if (kind.kind === 'sgd') sgd(arrays, { ...common, momentum: kind.momentum, nesterov: false });
    else
      adam(arrays, {
        ...common,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        decoupled: true,
        step: numbers.step,
      });
  }
}

const BATCHES = [
  [3, 7, 3, 3, 19, 0],
  [3, 1, 1, 7, 5, 5],
  [2, 2, 2, 2, 2, 2],
  [0, 3, 19, 4, 6, 8],
];
const weightsOf = (step: number, length = 6): Float32Array => someNumbers(length * SIZE, 100 + step);
const KINDS: Kind[] = [{ kind: 'adamw' }, { kind: 'sgd', momentum: 0.9 }];

describe('updates of an embedding by rows', () => {
  it.each(KINDS)('follow the plain lazy rule, with decay and clipping: $kind', (kind) => {
    const actual = lookUps({ kind, weightDecay: 0.05, clipNorm: 2 });
    const plain = {
      values: someNumbers(ROWS * SIZE, 1),
      gradient: new Float32Array(ROWS * SIZE),
      first: new Float32Array(ROWS * SIZE),
      second: new Float32Array(ROWS * SIZE),
    };
    for (const [index, ids] of BATCHES.entries()) {
      actual.step(ids, weightsOf(index));
      plainRows(kind, plain, ids, weightsOf(index), { step: index + 1, weightDecay: 0.05, clipNorm: 2 });
      for (const [at, value] of actual.values().entries())
        expect(value).toBeCloseTo(plain.values[at] ?? NaN, 5);
    }
  });

  it('leave rows and moments alone, bit for bit, in a step that does not use them; dense ones do not', () => {
    const row = (array: ArrayLike<number>, index: number): number[] =>
      Array.from(array).slice(index * SIZE, (index + 1) * SIZE);
    for (const updates of ['rows', 'dense'] as const) {
      const one = lookUps({ updates, weightDecay: 0.05 });
      one.step([3, 3, 7, 7, 7, 7], weightsOf(0));
      const { slots: before } = one.optimizer.state();
      const values = one.values();
      one.step([7, 7, 7, 7, 7, 7], weightsOf(1));
      const { slots: after } = one.optimizer.state();
      const same = [
        String(row(one.values(), 3)) === String(row(values, 3)),
        String(row(one.values(), 0)) === String(row(values, 0)), // never used: only decay could move it
        ...Object.keys(before).map(
          (name) => String(row(after[name] ?? [], 3)) === String(row(before[name] ?? [], 3)),
        ),
      ];
      expect(same).toEqual(new Array(4).fill(updates === 'rows'));
      expect(row(one.values(), 7)).not.toEqual(row(values, 7));
    }
  });

  it.each(KINDS)(
    'are the dense updates, bit for bit, where every row is used in every step: $kind',
    (kind) => {
      const n = ROWS + 4;
      const all = Array.from({ length: n }, (_, index) => (index * 7) % ROWS);
      // 24 look-ups of 20 rows are added up in the graph, six look-ups of six rows are not.
      const [rows, dense] = (['rows', 'dense'] as const).map((updates) =>
        lookUps({ kind, updates, weightDecay: 0.05, rows: ROWS, lookUps: n }),
      ) as [Lookups, Lookups];
      const few = Array.from({ length: 6 }, (_, index) => index % 6);
      const [smallRows, smallDense] = (['rows', 'dense'] as const).map((updates) =>
        lookUps({ kind, updates, weightDecay: 0.05, rows: 6, lookUps: 6 }),
      ) as [Lookups, Lookups];
      for (let step = 0; step < 3; step++) {
        for (const each of [rows, dense]) each.step(all, weightsOf(step, n));
        for (const each of [smallRows, smallDense]) each.step(few, weightsOf(step, 6));
      }
      expect(rows.values()).toEqual(dense.values());
      expect(smallRows.values()).toEqual(smallDense.values());
    },
  );

  it('do the same where a batch has more look-ups than the table has rows, and the graph adds up', () => {
    const ids = [...BATCHES.flat()];
    const many = lookUps({ rows: ROWS, lookUps: ids.length, weightDecay: 0.05 });
    const gradient = many.gradient(ids, weightsOf(0, ids.length)) as Exclude<Gradient, Float32Array>;
    expect(gradient.summed).toBe(true);
    const plain = {
      values: someNumbers(ROWS * SIZE, 1),
      gradient: new Float32Array(ROWS * SIZE),
      first: new Float32Array(ROWS * SIZE),
      second: new Float32Array(ROWS * SIZE),
    };
    many.step(ids, weightsOf(0, ids.length));
    const numbers = { step: 1, weightDecay: 0.05, clipNorm: Infinity };
    plainRows({ kind: 'adamw' }, plain, ids, weightsOf(0, ids.length), numbers);
    for (const [at, value] of many.values().entries()) expect(value).toBeCloseTo(plain.values[at] ?? NaN, 5);
  });

  it('count a row once in the norm: look-ups of (3, 0 …) and (0, 4 …) of one row have norm 5, twice (3, 0 …) has 6', () => {
    const one = lookUps({ lookUps: 2 });
    const weights = new Float32Array(2 * SIZE);
    weights.set([3], 0);
    weights.set([0, 4], SIZE);
    expect(one.step([5, 5], weights)).toBeCloseTo(5, 6);
    weights.set([3, 0], SIZE);
    expect(one.step([5, 5], weights)).toBeCloseTo(6, 6);
    expect(one.step([5, 6], weights)).toBeCloseTo(Math.sqrt(18), 6);
  });

  it('count nothing for an id outside the table', () => {
    const one = lookUps({ lookUps: 2 });
    const before = one.values();
    const gradient = { ids: Int32Array.of(-1, ROWS), values: weightsOf(0, 2), summed: false };
    expect(one.optimizer.apply(new Map([[one.table.name, gradient]])).gradientNorm).toBe(0);
    expect(one.values()).toEqual(before);
  });

  it('go on bit for bit from a saved state', () => {
    const straight = lookUps({ weightDecay: 0.05 });
    const stopped = lookUps({ weightDecay: 0.05 });
    for (const each of [straight, stopped])
      for (const index of [0, 1]) each.step(BATCHES[index] ?? [], weightsOf(index));
    const { step, slots } = stopped.optimizer.state();
    const resumed = lookUps({ weightDecay: 0.05 });
    const renamed = Object.entries(slots).map(([name, slot]) => [
      name.replace(stopped.table.name, resumed.table.name),
      slot,
    ]);
    resumed.optimizer.restore({ step, slots: Object.fromEntries(renamed) as Record<string, Float32Array> });
    (engine.data(resumed.table) as Float32Array).set(stopped.values());
    for (const each of [straight, resumed])
      for (const index of [2, 3]) each.step(BATCHES[index] ?? [], weightsOf(index));
    expect(resumed.values()).toEqual(straight.values());
  });
});

describe('a gradient by rows', () => {
  it('has one row for each look-up, and as a table their sums', () => {
    const one = lookUps({});
    const weights = weightsOf(0);
    const gradient = one.gradient([3, 7, 3, 3, 19, 0], weights) as Exclude<Gradient, Float32Array>;
    expect([...gradient.ids]).toEqual([3, 7, 3, 3, 19, 0]);
    expect(gradient.values).toEqual(weights);
    const table = denseGradient(gradient, ROWS * SIZE);
    for (let at = 0; at < SIZE; at++) {
      const [a = 0, b = 0, c = 0] = [0, 2, 3].map((index) => weights[index * SIZE + at]);
      expect(table[3 * SIZE + at]).toBeCloseTo(a + b + c, 6);
      expect(table[4 * SIZE + at]).toBe(0);
    }
  });

  it('stays what it was for whoever applies the same one twice', () => {
    const [once, twice] = [lookUps({}), lookUps({})];
    const ids = [3, 3, 3, 4, 4, 5];
    for (let step = 0; step < 2; step++) once.step(ids, weightsOf(0));
    const gradient = twice.gradient(ids, weightsOf(0));
    for (let step = 0; step < 2; step++) twice.optimizer.apply(new Map([[twice.table.name, gradient]]));
    expect(twice.values()).toEqual(once.values());
  });

  it('is dense where something else reads the table too', () => {
    const table = tf.variable(tf.ones([4, 4]), true, 'tied');
    const step = engine.compileStep({
      name: 'tied',
      inputs: { ids: { shape: [2], dtype: 'int32' } },
      trainable: [table],
      forward: ({ ids }) => ({ loss: tf.add(tf.sum(lookUp(table, ids as tf.Tensor)), tf.sum(table)) }),
    });
    const gradient = step.run({ ids: Int32Array.of(1, 1) }).gradients.get('tied');
    // 1 for the sum of all, 2 more for the row that was looked up twice
    expect([...(gradient as Float32Array)]).toEqual([
      1,
      1,
      1,
      1,
      3,
      3,
      3,
      3,
      ...new Array<number>(8).fill(1),
    ]);
    step.dispose();
    table.dispose();
  });

  it('updates the same rows where the step runs op by op', async () => {
    const compiled = lookUps({ weightDecay: 0.05 });
    for (const [index, ids] of BATCHES.entries()) compiled.step(ids, weightsOf(index));
    const javascript = await createEngine({ native: false });
    const plain = lookUps({ weightDecay: 0.05 }, javascript);
    for (const [index, ids] of BATCHES.entries()) plain.step(ids, weightsOf(index));
    for (const [at, value] of plain.values().entries())
      expect(value).toBeCloseTo(compiled.values()[at] ?? NaN, 6);
    javascript.dispose();
    engine = await createEngine({ threads: 1 });
  });
});
