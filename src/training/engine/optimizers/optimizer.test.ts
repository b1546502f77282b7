import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../engine';
import { someNumbers } from '../ops/kernel-cases';
import type { Engine, OptimizerSpec } from '../types';
import { type UpdateArrays, adam, sgd, sumOfSquares } from './update-rules';

let engine: Engine;
let count = 0;
beforeAll(async () => {
  engine = await createEngine({ threads: 1 });
});
afterAll(() => engine.dispose());

type Kind =
  | { kind: 'sgd'; momentum?: number; nesterov?: boolean }
  | { kind: 'adam' | 'adamw'; beta1?: number; beta2?: number; epsilon?: number };

function oneParameter(
  values: readonly number[],
  kind: Kind,
  weightDecay = 0,
  learningRate = 0.1,
  clipNorm?: number,
) {
  const variable = tf.variable(tf.tensor1d([...values]), true, `parameter${count++}`);
  const groups = [{ name: 'all', variables: [variable], learningRate, weightDecay }];
  const spec: OptimizerSpec = { ...kind, groups, ...(clipNorm === undefined ? {} : { clipNorm }) };
  const optimizer = engine.createOptimizer(spec);
  const step = (gradient: readonly number[], factors?: Record<string, number>) =>
    optimizer.apply(new Map([[variable.name, Float32Array.from(gradient)]]), factors);
  return { variable, optimizer, step, values: () => [...engine.data(variable)] };
}

function closeTo(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((want, i) => expect(actual[i]).toBeCloseTo(want, 6));
}

describe('the fused updates', () => {
  it('SGD with momentum: the buffer is 0.9 of itself plus the gradient', () => {
    const p = oneParameter([1, -2], { kind: 'sgd', momentum: 0.9 });
    p.step([0.5, 1]); // buffer = g: 1 - 0.05, -2 - 0.1
    closeTo(p.values(), [0.95, -2.1]);
    p.step([0.5, 1]); // buffer = 0.9 g + g = 1.9 g: 0.95 - 0.095, -2.1 - 0.19
    closeTo(p.values(), [0.855, -2.29]);
  });

  it('SGD with decay and Nesterov: d = g + decay p, then d + momentum buffer', () => {
    const p = oneParameter([1], { kind: 'sgd', momentum: 0.5, nesterov: true }, 0.1);
    p.step([0.4]); // d = 0.5, buffer = 0.5, direction = 0.5 + 0.25 = 0.75
    closeTo(p.values(), [0.925]);
  });

  it('AdamW: the first step moves by the rate against the sign, after shrinking the parameter', () => {
    const p = oneParameter([1, -2], { kind: 'adamw' }, 0.01);
    p.step([0.3, -4]); // 1 (1 - 0.1 0.01) - 0.1, and -2 (1 - 0.001) + 0.1
    closeTo(p.values(), [0.899, -1.898]);
  });

  it('Adam: the decay joins the gradient, so it turns a small gradient around', () => {
    const p = oneParameter([1], { kind: 'adam' }, 0.5);
    p.step([-0.2]); // g = -0.2 + 0.5 = 0.3 > 0: one step of 0.1 down
    closeTo(p.values(), [0.9]);
  });

  it('clips by the global norm: (3, 4) has norm 5, so norm 1 takes a fifth', () => {
    const p = oneParameter([0, 0], { kind: 'sgd' }, 0, 1, 1);
    expect(p.step([3, 4]).gradientNorm).toBeCloseTo(5, 6);
    closeTo(p.values(), [-0.6, -0.8]);
  });

  it('multiplies a group’s rate by the schedule’s factor', () => {
    const p = oneParameter([1], { kind: 'sgd' });
    p.step([1], { all: 0.5 });
    closeTo(p.values(), [0.95]);
  });

  it.each<Kind>([{ kind: 'sgd', momentum: 0.9 }, { kind: 'adam' }, { kind: 'adamw' }])(
    'follows the plain rule of update-rules.ts over five steps: $kind',
    (kind) => {
      const start = someNumbers(1003, 1);
      const p = oneParameter([...start], kind, 0.02, 0.01, 3);
      const plain: UpdateArrays & { gradient: Float32Array } = {
        values: start.slice(),
        gradient: new Float32Array(1003),
        first: new Float32Array(1003),
        second: new Float32Array(1003),
      };
      for (let step = 1; step <= 5; step++) {
        plain.gradient.set(someNumbers(1003, step + 10));
        const gradientScale = Math.min(1, 3 / (Math.sqrt(sumOfSquares(plain.gradient)) + 1e-6));
        const numbers = { learningRate: 0.01, weightDecay: 0.02, gradientScale };
        if (kind.kind === 'sgd') sgd(plain, { ...numbers, momentum: 0.9, nesterov: false });
        else
          adam(plain, {
            ...numbers,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            decoupled: kind.kind === 'adamw',
            step,
          });
        p.step([...plain.gradient]);
      }
      p.values().forEach((value, i) => expect(Math.abs(value - (plain.values[i] ?? NaN))).toBeLessThan(2e-6));
    },
  );

  it('goes on bit for bit from a saved state', () => {
    const straight = oneParameter([1, 2, 3], { kind: 'adamw' }, 0.01);
    const resumed = oneParameter([1, 2, 3], { kind: 'adamw' }, 0.01);
    straight.step([1, -1, 2]);
    resumed.step([1, -1, 2]);
    const { step, slots } = resumed.optimizer.state();
    const renamed = Object.fromEntries(
      Object.entries(slots).map(([name, slot]) => [name.replace(resumed.variable.name, 'again'), slot]),
    );
    const variable = tf.variable(tf.tensor1d(resumed.values()), true, 'again');
    const groups = [{ name: 'all', variables: [variable], learningRate: 0.1, weightDecay: 0.01 }];
    const optimizer = engine.createOptimizer({ kind: 'adamw', groups });
    optimizer.restore({ step, slots: renamed });
    optimizer.apply(new Map([['again', Float32Array.of(0.1, 0.2, 0.3)]]));
    straight.step([0.1, 0.2, 0.3]);
    expect([...engine.data(variable)]).toEqual(straight.values());
  });

  it('leaves a variable without a gradient alone, decay included', () => {
    const p = oneParameter([1], { kind: 'sgd' }, 0.1);
    p.optimizer.apply(new Map());
    expect(p.values()).toEqual([1]);
  });
});
