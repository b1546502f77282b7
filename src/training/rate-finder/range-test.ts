/**
 * The learning-rate range test (Smith, 2015, arXiv:1506.01186; as in fastai's `lr_find`): one mini-batch after the other at
 * an exponentially rising rate. The weights are a copy of their own, which ends with the process.
 */
import type { RatePoint, RateTestEnd } from '../../protocol/rate-test';
import { stepsPerEpoch } from '../data/dataset';
import type { Experiment } from '../experiment';
import { batchAt, openPhase, type OpenPhase } from '../phase';
import { factorsOf, trainedPart } from '../phase-program';
import { planPhases } from '../planned-phases';
import { augmenterOf, prepare, preparedEvent, type Prepared } from '../preparation';
import type { RunContext } from '../run-context';
import { smoother } from './smoothing';
import { suggestRates } from './suggestions';

const LOWEST_RATE = 1e-7;
const HIGHEST_RATE = 10;
const STEPS = 100;
/** With tiny data: enough points for a curve, and not so many that the network learns the pictures by heart. */
const FEWEST_STEPS = 40;
const MOST_EPOCHS = 20;
/** The smoothed loss has diverged at so many times its best. */
const DIVERGED = 4;

/**
 * Tests the rates of an experiment's first phase, with its own optimizer, augmentation, loss and frozen parts. Rates of
 * layer groups scale together. Tells everything by events.
 * @throws {LearnerError} for all that a learner can mend
 */
export async function findLearningRate(experiment: Experiment, context: RunContext): Promise<void> {
  context.emit({ type: 'preparing', phase: 'loadingData' });
  const started = performance.now();
  const prepared = await prepare(experiment, context);
  try {
    const test = new RangeTest(experiment, context, prepared);
    const points = await test.run();
    const seconds = (performance.now() - started) / 1000;
    const reason = context.signal.aborted ? 'stopped' : 'finished';
    context.emit({ type: 'done', reason, steps: points.length, bestEpoch: 0, seconds });
  } finally {
    prepared.model.dispose();
  }
}

/** Rate of a step, from 0: evenly on a logarithmic scale, as fastai has them. */
export const rateAt = (step: number, steps: number): number =>
  LOWEST_RATE * (HIGHEST_RATE / LOWEST_RATE) ** (step / steps);

export const stepsFor = (perEpoch: number): number =>
  Math.min(STEPS, Math.max(FEWEST_STEPS, MOST_EPOCHS * perEpoch));

class RangeTest {
  private readonly points: RatePoint[] = [];
  private readonly perEpoch: number;
  private readonly steps: number;

  constructor(
    private readonly experiment: Experiment,
    private readonly context: RunContext,
    private readonly prepared: Prepared,
  ) {
    this.perEpoch = stepsPerEpoch(prepared.dataset.splits.train.count, experiment.batchSize);
    this.steps = stepsFor(this.perEpoch);
  }

  async run(): Promise<readonly RatePoint[]> {
    const { context, experiment, prepared } = this;
    const [first] = planPhases(prepared.phases);
    if (!first) throw new Error('The strategy planned no phase.');
    const { engine } = context;
    const { strategy } = experiment;
    const { parameters } = trainedPart(prepared.model, first.phase, strategy.settings.batchNorm);
    engine.adopt([...parameters]);
    context.emit(preparedEvent(experiment, prepared, engine, this.perEpoch));
    const augmenter = augmenterOf(experiment, prepared.dataset);
    const phase = await openPhase(first, experiment, context, prepared, augmenter, this.perEpoch);
    context.emit({
      type: 'rateTest',
      plan: {
        steps: this.steps,
        current: strategy.settings.learningRate,
        strategy: strategy.title,
        phase: first.phase.name,
        trained: Object.keys(first.phase.learningRates),
      },
    });
    try {
      const end = await this.raise(phase);
      context.emit({ type: 'rateResult', result: { end, ...suggestRates(this.points, this.steps) } });
      return this.points;
    } finally {
      phase.dispose();
    }
  }

  private async raise(phase: OpenPhase): Promise<RateTestEnd> {
    const smooth = smoother();
    let best = Infinity;
    for (let step = 0; step < this.steps; step++) {
      if (this.context.signal.aborted) return 'stopped';
      const learningRate = rateAt(step, this.steps);
      const loss = this.step(phase, step, learningRate);
      if (loss === undefined) return 'notFinite';
      const smoothedLoss = smooth(loss);
      const point = { learningRate, loss, smoothedLoss };
      this.points.push(point);
      this.context.emit({ type: 'rateStep', point });
      best = Math.min(best, smoothedLoss);
      if (smoothedLoss > DIVERGED * best) return 'diverged';
      await this.context.breathe();
    }
    return 'highestRate';
  }

  /** @returns the batch's loss before the step; undefined if it, or its gradient, is no number */
  private step(phase: OpenPhase, step: number, rate: number): number | undefined {
    const { experiment, perEpoch } = this;
    const { part, optimizer } = phase;
    const position = { step, epoch: Math.floor(step / perEpoch), stepOfEpoch: step % perEpoch };
    const { step: compiled, inputs } = batchAt(phase, experiment.seed, position);
    const { loss, gradients } = compiled.run(inputs);
    if (!Number.isFinite(loss)) return undefined;
    const factor = rate / experiment.strategy.settings.learningRate;
    const { gradientNorm } = optimizer.apply(gradients, factorsOf(part, factor));
    return Number.isFinite(gradientNorm) ? loss : undefined;
  }
}
