import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../engine';
import type { Engine } from '../types';
import { BACKEND_NAME, type KernelCase, compiled, onBackend, worstDifference } from './kernel-cases';

/** One test for each case: TensorFlow.js's cpu backend gives the expected values, forward and backward. */
export function describeKernels(family: string, cases: readonly KernelCase[]): void {
  describe(`${family} give what TensorFlow.js’s cpu backend gives, op by op and compiled`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await createEngine({ threads: 1 });
    });
    afterAll(() => engine.dispose());

    it.each(cases)('$name', async (row) => {
      const expected = await onBackend('cpu', row);
      const opByOp = await onBackend(BACKEND_NAME, row);
      expect(worstDifference(opByOp, expected), 'op by op').toBeLessThan(row.tolerance ?? 2e-5);
      const { values, uncompiled } = compiled(engine, row);
      expect(uncompiled, 'kernels that could not be compiled').toEqual([]);
      expect(worstDifference(values, expected), 'compiled').toBeLessThan(row.tolerance ?? 2e-5);
    });
  });
}
