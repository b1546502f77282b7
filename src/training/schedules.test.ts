import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { constant, cosine, cosineAnnealing, linear, oneCycle, stepwise, type Schedule } from './schedules';

interface Case {
  readonly arguments: Readonly<Record<string, number | string>>;
  readonly rates: readonly number[];
}

// Rates of transformers and torch.optim.lr_scheduler, see test/oracle/README.md.
const reference = JSON.parse(readFileSync(join(__dirname, '../../test/oracle/schedules.json'), 'utf8')) as {
  baseRate: number;
  schedules: Record<string, Case>;
};

const total = (args: Case['arguments']): number => Number(args['totalSteps']);
const warmup = (args: Case['arguments']): number => Number(args['warmupSteps'] ?? 0);
const cycle = (args: Case['arguments']): Schedule =>
  oneCycle(total(args), {
    warmupShare: Number(args['warmupShare']),
    divFactor: Number(args['divFactor']),
    finalDivFactor: Number(args['finalDivFactor']),
    anneal: args['anneal'] as 'cos' | 'linear',
  });

const ours: Record<string, (args: Case['arguments']) => Schedule> = {
  constant: () => constant(),
  constantWarmup: (args) => constant(warmup(args)),
  linear: (args) => linear(total(args), warmup(args)),
  linearWarmup: (args) => linear(total(args), warmup(args)),
  linearWarmupShort: (args) => linear(total(args), warmup(args)),
  cosine: (args) => cosine(total(args), warmup(args)),
  cosineWarmup: (args) => cosine(total(args), warmup(args)),
  cosineAnnealing: (args) =>
    cosineAnnealing(Number(args['tMax']), Number(args['minimum']) / reference.baseRate),
  step: (args) => stepwise(Number(args['every']), Number(args['factor'])),
  oneCycle: cycle,
  oneCycleLinear: cycle,
};

describe('schedules', () => {
  it.each(Object.entries(reference.schedules))(
    '%s gives the reference rates in all 50 steps',
    (name, { arguments: args, rates }) => {
      const schedule = ours[name]?.(args);
      for (const [step, rate] of rates.entries()) {
        const mine = (schedule?.(step) ?? NaN) * reference.baseRate;
        expect(Math.abs(mine - rate), `step ${step}: ${mine} instead of ${rate}`).toBeLessThanOrEqual(
          1e-6 * rate + 1e-12,
        );
      }
    },
  );
});
