import * as z from 'zod';
import { atRate, readOptions, type OptimizerOptions, type Phase, type StrategyDefinition } from './strategy';

export interface HeadFirstOptions extends OptimizerOptions {
  /** Of the experiment's epochs, those in which only the head trains. Default 1. */
  readonly freezeEpochs?: number;
  /** In the second part, how many times the input group's rate the head's rate is. Default 100. */
  readonly spread?: number;
}

/**
 * First the head alone, then everything at half the rate, the nearer to the input the slower.
 *
 * The default numbers are those of fastai's `Learner.fine_tune` (fastai 2, callback/schedule.py): base rate 2e-3, one
 * frozen epoch, `lr_mult` 100, one cycle per part (peak at 99 % of the first, at 30 % of the second, which starts at a
 * fifth of its peak). Where it differs: rates fall over all layer groups of the model instead of fastai's two or three;
 * the optimizer's momentum stays constant; the frozen epochs count among the experiment's; and BatchNorm layers of the
 * frozen part stay frozen, unless `batchNorm: { frozen: 'train', affine: 'all' }` says as fastai does.
 */
export const headFirst: StrategyDefinition<HeadFirstOptions> = {
  id: 'head-first',
  title: 'head first, then all',
  summary: 'One epoch for the head alone, then everything at half the rate, slower towards the input.',
  create(options) {
    const read = readOptions('headFirst', { schedule: 'oneCycle', ...options }, 2e-3, {
      freezeEpochs: z.int().positive().optional(),
      spread: z.number().min(1).optional(),
    });
    const { freezeEpochs = 1, spread = 100 } = read.options;
    return {
      kind: 'strategy',
      id: this.id,
      title: this.title,
      pretrained: true,
      settings: read.settings,
      plan: (groups, epochs) => {
        const first = Math.min(freezeEpochs, epochs);
        const phases: Phase[] = [
          {
            name: 'head only',
            epochs: first,
            learningRates: atRate(groups.slice(-1), read.learningRate),
            oneCycle: { warmupShare: 0.99, finalDivFactor: FINAL / 25 },
          },
        ];
        if (first < epochs)
          phases.push({
            name: 'whole network, rates falling towards the input',
            epochs: epochs - first,
            learningRates: fallingRates(groups, read.learningRate / 2, spread),
            oneCycle: { warmupShare: 0.3, divFactor: 5, finalDivFactor: FINAL / 5 },
          });
        return phases;
      },
    };
  },
};

/** fastai's one cycle ends at its peak over this. */
const FINAL = 1e5;

/** From `head / spread` at the input to `head`, each group the same factor above the one before (fastai's even_mults). */
function fallingRates(groups: readonly string[], head: number, spread: number): Record<string, number> {
  const steps = Math.max(1, groups.length - 1);
  return Object.fromEntries(
    groups.map((group, index) => [group, head * spread ** ((index - groups.length + 1) / steps)]),
  );
}
