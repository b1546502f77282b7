import * as tf from '@tensorflow/tfjs';
import { BACKEND_NAME } from '../backend';
import type { Engine } from '../types';

/** One row of a kernel test: a function of float tensors; TensorFlow.js's own cpu backend gives the expected values. */
export interface KernelCase {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly run: (...inputs: tf.Tensor[]) => tf.Tensor;
  /** false for functions that have no gradient. Default: true. */
  readonly gradient?: boolean;
  /** Default: 2e-5 of the largest value. */
  readonly tolerance?: number;
}

/** Numbers in [-1, 1) that look random and are the same everywhere. */
export function someNumbers(length: number, seed: number): Float32Array {
  let state = (seed * 2654435761 + 1) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

type Values = readonly Float32Array[];

/** The function's value, and the gradients of a weighted sum of its squares, computed on one backend. */
export async function onBackend(
  backend: string,
  { shapes, run, gradient = true }: KernelCase,
): Promise<Values> {
  await tf.setBackend(backend);
  return tf.tidy(() => {
    const inputs = shapes.map((shape, index) =>
      tf.tensor(someNumbers(tf.util.sizeFromShape([...shape]), index + 1), [...shape]),
    );
    const value = Float32Array.from(run(...inputs).dataSync());
    if (!gradient) return [value];
    const gradients = tf.grads((...xs: tf.Tensor[]) => scalarOf(run(...xs)))(inputs);
    return [value, ...gradients.map((g) => Float32Array.from(g.dataSync()))];
  });
}

/** The same, as one compiled program. */
export function compiled(
  engine: Engine,
  { name, shapes, run, gradient = true }: KernelCase,
): { values: Values; uncompiled: readonly string[] } {
  const inputs = Object.fromEntries(
    shapes.map((shape, i) => [`x${i}`, { shape, dtype: 'float32' as const }]),
  );
  const program = engine.compileFunction({
    name,
    inputs,
    run: (named) => {
      const xs = shapes.map((_, i) => named[`x${i}`] as tf.Tensor);
      const results: Record<string, tf.Tensor> = { r0: run(...xs) };
      if (gradient)
        tf.grads((...ys: tf.Tensor[]) => scalarOf(run(...ys)))(xs).forEach(
          (g, i) => (results[`r${i + 1}`] = g),
        );
      return results;
    },
  });
  const feeds = Object.fromEntries(
    shapes.map((shape, i) => [`x${i}`, someNumbers(tf.util.sizeFromShape([...shape]), i + 1)]),
  );
  const out = program.run(feeds);
  const values = Object.keys(out)
    .sort()
    .map((key) => Float32Array.from(out[key] as Float32Array));
  const { uncompiled } = program.info;
  program.dispose();
  return { values, uncompiled };
}

/** The largest difference, relative to the largest expected value. */
export function worstDifference(actual: Values, expected: Values): number {
  let worst = actual.length === expected.length ? 0 : Infinity;
  expected.forEach((want, index) => {
    const got = actual[index];
    if (got?.length !== want.length) worst = Infinity;
    const size = want.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 1e-3);
    want.forEach((x, i) => {
      const difference = Object.is(got?.[i], x) ? 0 : Math.abs((got?.[i] ?? NaN) - x);
      worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference / size);
    });
  });
  return worst;
}

export { BACKEND_NAME };

/** Each element counts with a weight of its own, so that no gradient vanishes by symmetry. */
function scalarOf(y: tf.Tensor): tf.Scalar {
  const weights = tf.tensor(someNumbers(y.size, 99), y.shape);
  return tf.sum(tf.mul(tf.square(tf.cast(y, 'float32')), weights));
}
