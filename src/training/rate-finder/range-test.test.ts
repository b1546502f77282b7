import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { strategies, type Experiment } from '../../lab';
import { initialRateTest, reduceRateTest, type RateTest } from '../../protocol/rate-test';
import { createEngine } from '../engine/engine';
import type { Engine } from '../engine/types';
import { memoryContext, type MemoryContext } from '../testing/memory-context';
import { lossesOf, tiny } from '../testing/tiny-run';
import { useTinyWorkshop } from '../testing/use-tiny-workshop';
import { train } from '../trainer';
import { findLearningRate, rateAt, stepsFor } from './range-test';

let engine: Engine;
const workshop = useTinyWorkshop();

beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.dispose());

async function testOf(
  experiment: Experiment,
  context: MemoryContext = memoryContext(engine, workshop.folder),
): Promise<RateTest> {
  await findLearningRate(experiment, context);
  return context.events.reduce((test, event) => reduceRateTest(test, event), initialRateTest('test'));
}

describe('a learning-rate range test', () => {
  it('raises the rate evenly on a logarithmic scale from 1e-7 towards 10, and begins where training would', async () => {
    const context = memoryContext(engine, workshop.folder);
    const { points, plan, run } = await testOf(tiny(), context);
    expect(points.length).toBeGreaterThan(20);
    points.forEach(({ learningRate }, step) =>
      expect(learningRate).toBeCloseTo(1e-7 * 1e8 ** (step / (plan?.steps ?? 0)), 12),
    );
    const training = memoryContext(engine, workshop.folder);
    await train(tiny(), training);
    expect(points[0]?.loss).toBe(lossesOf(training.events)[0]?.[1]);
    expect(run.status).toBe('finished');
  });

  it('leaves nothing: no checkpoint, no weights, and training after it is what it would have been', async () => {
    const before = memoryContext(engine, workshop.folder);
    const after = memoryContext(engine, workshop.folder);
    const context = memoryContext(engine, workshop.folder);
    await train(tiny(), before);
    await testOf(tiny(), context);
    await train(tiny(), after);
    expect(context.snapshots).toEqual([]);
    expect(context.best).toBeUndefined();
    expect(lossesOf(after.events)).toEqual(lossesOf(before.events));
  });

  it('goes on until the smoothed loss is four times its best so far', async () => {
    // A loss that explodes with the head's weights: five times itself where they have moved by little.
    const loss = (logits: tf.Tensor2D) => logits.square().sum(1).mul(1e3).add(1).as1D();
    const strategy = strategies.featureExtraction({ optimizer: 'sgd' });
    const { points, result } = await testOf(tiny({ loss, strategy }));
    let best = Infinity;
    const diverged = points.map(
      ({ smoothedLoss }) => smoothedLoss > 4 * (best = Math.min(best, smoothedLoss)),
    );
    expect(result?.end).toBe('diverged');
    expect(diverged.indexOf(true)).toBe(points.length - 1);
  });

  it('reads the rate that the learner writes: the curve is the same, whatever it is now', async () => {
    const curve = async (learningRate: number) =>
      (await testOf(tiny({ strategy: strategies.layerGroups(['layer4'], { learningRate }), batchSize: 21 })))
        .points;
    const [small, large] = [await curve(1e-5), await curve(1e-2)];
    expect(large.length).toBe(small.length);
    small.forEach(({ loss }, step) => expect(large[step]?.loss).toBeCloseTo(loss, 3));
  });

  it('tells what trains: the strategy’s own frozen parts stay', async () => {
    const { plan } = await testOf(tiny({ strategy: strategies.featureExtraction() }));
    expect(plan).toMatchObject({ trained: ['fc'], current: 3e-3, strategy: 'feature extraction' });
  });

  it('tests the first phase of a strategy of several', async () => {
    const { plan } = await testOf(tiny({ strategy: strategies.gradualUnfreezing(), epochs: 6 }));
    expect(plan).toMatchObject({ phase: 'head only', trained: ['fc'], current: 3e-3 });
  });

  it('says of a loss that is no number from the start where that comes from', async () => {
    const loss = (logits: tf.Tensor2D) => tf.log(logits.sum(1).mul(0).sub(1)).as1D();
    const { points, result } = await testOf(tiny({ loss }));
    expect(points).toEqual([]);
    expect(result).toMatchObject({ end: 'notFinite', suggestions: [] });
    expect(result?.note).toContain('very first step');
  });

  it('stops after the step in hand when the learner asks', async () => {
    const context = memoryContext(engine, workshop.folder, {
      onEvent: (event, running) => {
        if (event.type === 'rateStep') running.stop();
      },
    });
    const { points, result, run } = await testOf(tiny(), context);
    expect(points).toHaveLength(1);
    expect(result?.end).toBe('stopped');
    expect(run.status).toBe('stopped');
  });
});

it('rates go from 1e-7 to 10', () => {
  expect(rateAt(0, 100)).toBeCloseTo(1e-7, 12);
  expect(rateAt(100, 100)).toBeCloseTo(10, 6);
  expect(rateAt(50, 100)).toBeCloseTo(1e-3, 8);
});

it.each([
  [1, 40],
  [3, 60],
  [5, 100],
  [500, 100],
])('with %i steps per epoch there are %i', (perEpoch, steps) => {
  expect(stepsFor(perEpoch)).toBe(steps);
});
