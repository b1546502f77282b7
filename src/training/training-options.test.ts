import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { augment, strategies, type Experiment, type ExperimentOptions } from '../lab';
import type { RunEvent } from '../protocol/events';
import { initialRunState, reduceRun } from '../protocol/run-state';
import { createEngine } from './engine/engine';
import type { Engine } from './engine/types';
import { forgetFeatures } from './feature-cache';
import { memoryContext, type MemoryContext } from './testing/memory-context';
import { keptWeights, lossesOf, tiny } from './testing/tiny-run';
import { useTinyWorkshop } from './testing/use-tiny-workshop';
import { train } from './trainer';

let engine: Engine;
const workshop = useTinyWorkshop();
let folder: string;

beforeAll(async () => {
  engine = await createEngine();
  ({ folder } = workshop);
});

afterAll(() => engine.dispose());

/** The head alone, so that frozen layers' features and their variants are in play. */
const headOnly = (changes: Partial<ExperimentOptions> = {}): Experiment =>
  tiny({ strategy: strategies.featureExtraction({ learningRate: 3e-2 }), epochs: 3, ...changes });

const losses = (events: readonly RunEvent[]): number[] => lossesOf(events).map(([, loss]) => loss);

const epochs = ({ events }: MemoryContext) => events.filter((event) => event.type === 'epochEnd');

/** The run as it is, and stopped after that step and resumed: both must be the same, bit for bit. */
async function expectResumable(make: () => Experiment, stopAt: number): Promise<MemoryContext> {
  const whole = memoryContext(engine, folder);
  await train(make(), whole);
  const stopped = memoryContext(engine, folder, {
    onEvent: (event, context) => {
      if (event.type === 'stepEnd' && event.step === stopAt) context.stop();
    },
  });
  await train(make(), stopped);
  const resume = stopped.snapshots.at(-1);
  expect(resume?.step).toBe(stopAt);
  forgetFeatures();
  const resumed = memoryContext(engine, folder, resume ? { resume } : {});
  await train(make(), resumed);
  expect([...losses(stopped.events), ...losses(resumed.events)]).toEqual(losses(whole.events));
  expect(keptWeights(resumed)).toEqual(keptWeights(whole));
  expect(resumed.events.at(-1)).toMatchObject({
    ...whole.events.at(-1),
    // What the computer took for it, not what came of it.
    seconds: expect.any(Number) as number,
    peakMemory: expect.any(Number) as number,
  });
  return whole;
}

const everything = augment.compose([
  augment.randomResizedCrop({ scale: [0.5, 1] }),
  augment.horizontalFlip(),
  augment.rotation(15),
  augment.colorJitter({ brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.05 }),
  augment.randAugment(),
  augment.own((pixels, { random }) => pixels.map((value) => value + 0.01 * random())),
  augment.mixup(),
]);

describe('augmentation', () => {
  it.each([
    ['all layers', strategies.wholeModel({ learningRate: 3e-3 })],
    ['the head alone', strategies.featureExtraction()],
  ])('of %s is the same after a stop in the middle of an epoch', async (_, strategy) => {
    await expectResumable(() => headOnly({ augmentation: everything, strategy }), 5);
  });

  it('does not touch what is frozen', async () => {
    const result = await train(headOnly({ augmentation: everything }), memoryContext(engine, folder));
    expect(result.movement.filter(({ identical }) => !identical).map(({ name }) => name)).toEqual(['fc']);
  });

  it('keeps so many versions of each picture while layers are frozen, and says so', async () => {
    const told = async (changes: Partial<ExperimentOptions>): Promise<string[]> => {
      const context = memoryContext(engine, folder);
      await train(headOnly(changes), context);
      const cached = context.events.filter(
        (event) => event.type === 'preparing' && event.phase === 'cachingFeatures',
      );
      const warnings = context.events.filter(
        (event) => event.type === 'warning' && event.problem.code.startsWith('augmentation'),
      ) as Extract<RunEvent, { type: 'warning' }>[];
      return [
        JSON.stringify(cached.at(-1)),
        ...warnings.map(({ problem }) => `${problem.code}: ${problem.message}`),
      ];
    };
    const jitter = { colorJitter: { brightness: 0.3 } };
    const [progress, warning] = await told({ augmentation: { ...jitter, variants: 3 } });
    expect(progress).toContain(`"total":${3 * 21 + 9 + 9}`); // 21 to train on, 9 and 9 to measure
    expect(warning).toContain(
      'augmentation-variants: While layers are frozen, each training picture is seen in 3',
    );
    expect((await told({ augmentation: jitter }))[1]).toContain('in 4 random versions');
    expect(await told({ augmentation: { horizontalFlip: true } })).toHaveLength(1);
    const everyLayer = { strategy: strategies.wholeModel(), epochs: 1 };
    expect(await told({ augmentation: jitter, ...everyLayer })).toHaveLength(1);
  });

  it('shows a picture in its versions one after another', async () => {
    const run = async (variants: number): Promise<number[]> => {
      const context = memoryContext(engine, folder);
      const strategy = strategies.featureExtraction({ learningRate: 1e-12, schedule: 'constant' });
      const settings = { batchSize: 21, epochs: 4, strategy };
      await train(headOnly({ ...settings, augmentation: { randomResizedCrop: true, variants } }), context);
      return losses(context.events).map((loss) => Number(loss.toFixed(5)));
    };
    // The head does not move, so the loss of an epoch tells which versions it saw.
    const [one, two] = [await run(1), await run(2)];
    expect(new Set(one).size).toBe(1);
    expect(two[2]).toBe(two[0]);
    expect(two[3]).toBe(two[1]);
    expect(two[1]).not.toBe(two[0]);
  });
});

describe('loss options', () => {
  it('train, and resume to the same weights', async () => {
    const plain = memoryContext(engine, folder);
    await train(headOnly(), plain);
    const context = await expectResumable(
      () =>
        headOnly({ labelSmoothing: 0.1, classWeights: { red: 3 }, augmentation: { mixup: { alpha: 1 } } }),
      4,
    );
    expect(losses(context.events)).not.toEqual(losses(plain.events));
  });
});

describe('early stopping', () => {
  // A rate so high that validation gets worse after the first epochs.
  const make = (monitor: 'valLoss' | 'valAccuracy'): Experiment =>
    headOnly({
      strategy: strategies.featureExtraction({ learningRate: 3, optimizer: 'sgd', schedule: 'constant' }),
      epochs: 40,
      earlyStopping: { patience: 2, monitor },
    });

  it.each(['valLoss', 'valAccuracy'] as const)(
    'by %s ends the run, keeps the best epoch’s weights and says why, also after a stop',
    async (monitor) => {
      const context = await expectResumable(() => make(monitor), 8);
      const values = epochs(context).map(({ val }) => (monitor === 'valLoss' ? -val.loss : val.accuracy));
      const best = values.indexOf(Math.max(...values));
      expect(values.length).toBeLessThan(40);
      expect(values.length).toBe(best + 1 + 2);
      const done = context.events.at(-1);
      expect(done).toMatchObject({
        type: 'done',
        reason: 'finished',
        earlyStop: { epoch: values.length, monitor, patience: 2 },
      });
      if (done?.type !== 'done') throw new Error('The run has no end.');
      if (monitor === 'valLoss') expect(done.bestEpoch).toBe(best + 1);
      expect(values[done.bestEpoch - 1]).toBe(values[best]);
      expect(JSON.stringify(context.events)).toContain(`Stopped after epoch ${values.length}: ${monitor}`);
      const state = context.events.reduce(
        (before, event) => reduceRun(before, event),
        initialRunState('run'),
      );
      expect(state).toMatchObject({ status: 'finished', earlyStop: { epoch: values.length } });
    },
  );

  it('lets every phase but the last run to its end', async () => {
    const context = memoryContext(engine, folder);
    const strategy = strategies.gradualUnfreezing({ epochsPerGroup: 2, learningRate: 1e-9 });
    await train(headOnly({ strategy, epochs: 12, earlyStopping: { patience: 1, minDelta: 1 } }), context);
    const phases = context.events.flatMap((event) => (event.type === 'phaseStart' ? [event.epoch] : []));
    expect(phases.length).toBeGreaterThan(2);
    // Nothing improves by 1, so the last phase ends with its second epoch: the first one is the reference.
    expect(epochs(context).at(-1)?.epoch).toBe(Math.min(12, (phases.at(-1) ?? 0) + 1));
  });
});
