import { readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { augment, imageFolder, resnet18, strategies } from '../../lab';
import { createEngine } from '../engine/engine';
import type { Engine } from '../engine/types';
import { planTraining } from '../training-plan';
import { temporaryFolder } from '../runs/testing/temporary-folder';
import { problemOf } from '../testing/problem-of';
import { memoryContext } from '../testing/memory-context';
import { tiny } from '../testing/tiny-run';
import { useTinyWorkshop } from '../testing/use-tiny-workshop';
import { train } from '../trainer';
import { estimateRun } from './estimate';
import { keepEstimate, keptEstimate } from './kept';
import { probeRun, type ProbeResult } from './probe';

const workshop = useTinyWorkshop();
afterEach(() => {
  vi.unstubAllEnvs();
});

const probe = (experiment = tiny(), batchSize = experiment.batchSize): Promise<ProbeResult> =>
  probeRun(experiment, workshop.folder, { batchSize, seconds: 0 });
const isTime = (value: number): boolean => Number.isFinite(value) && value > 0;

describe('a probe', () => {
  it('makes a few steps of the network, counts the pictures, and leaves nothing behind', async () => {
    const temporary = temporaryFolder();
    for (const name of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(name, temporary);
    const before = readdirSync(workshop.folder, { recursive: true });
    const found = await probe();
    expect(readdirSync(workshop.folder, { recursive: true })).toEqual(before);
    // ONNX Runtime leaves files of its own there.
    expect(readdirSync(temporary).filter((name) => name.startsWith('transfer-lab'))).toEqual([]);
    // 7 + 3 + 3 pictures of each of three classes, 32 x 32 x 3 numbers of four bytes each.
    expect(found).toMatchObject({
      batchSize: 8,
      counts: { train: 21, val: 9, test: 9 },
      pictureBytes: 12_288,
    });
    const [phase] = found.phases;
    expect(found.phases).toHaveLength(1);
    expect(phase).toMatchObject({ epochs: 2, evaluationBatch: 9 });
    expect(phase?.prefix).toBe(undefined);
    const times = [...(phase?.stepSeconds ?? []), phase?.evaluationSeconds ?? 0, phase?.compileSeconds ?? 0];
    expect(times.length).toBeGreaterThanOrEqual(4);
    expect(times.every(isTime)).toBe(true);
    expect(isTime(found.startSeconds)).toBe(true);
  });

  it('needs at least the memory of weights, gradients and all parameters’ copies', async () => {
    const { peakBytes, leastBytes } = await probe();
    const { maps } = await planTraining('a', tiny(), workshop.folder);
    // Weights, and a gradient and an optimizer's state for each that trains: four bytes each.
    expect(leastBytes).toBeGreaterThanOrEqual(3 * 4 * (maps[0]?.parameters ?? Infinity));
    expect(peakBytes).toBeGreaterThan(leastBytes);
  });

  it('measures the frozen layers apart, and knows how many versions augmentation makes of a picture', async () => {
    const { phases } = await probe(
      tiny({
        strategy: strategies.gradualUnfreezing(),
        epochs: 6,
        augmentation: augment.compose([augment.rotation(10)], { variants: 5 }),
      }),
    );
    expect(phases.length).toBeGreaterThan(1);
    expect(phases[0]?.prefix).toMatchObject({ batch: 32, variants: 5 });
    expect(isTime(phases[0]?.prefix?.batchSeconds ?? 0)).toBe(true);
    expect(phases.reduce((sum, { epochs }) => sum + epochs, 0)).toBe(6);
  });

  it('draws weights that are not on this computer, and opens no connection', async () => {
    vi.stubEnv('HF_HOME', `${workshop.folder}/no-cache`);
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
    const found = await probe(tiny({ model: resnet18({ weights: 'timm/resnet18.tv_in1k' }), batchSize: 2 }));
    // The published network: 11 million parameters.
    expect(found.leastBytes).toBeGreaterThan(3 * 4 * 11e6);
  });

  it('stops where a run would not begin', async () => {
    expect(await problemOf(probe(tiny({ data: imageFolder('nowhere') })))).toBe('data-folder-missing');
    expect(await problemOf(probe(tiny({ batchSize: 64 })))).toBe('batch-larger-than-data');
  });
});

describe('an estimate', () => {
  /** A process that takes 100 bytes and 30 for each picture of a batch. */
  const pretend =
    (tried: number[]) =>
    (batchSize: number): Promise<ProbeResult> => {
      tried.push(batchSize);
      return Promise.resolve({
        settings: 'settings',
        device: 'a device',
        batchSize,
        counts: { train: 200, val: 100, test: 0 },
        pictureBytes: 0,
        startSeconds: 1,
        phases: [
          {
            name: 'all',
            epochs: 2,
            compileSeconds: 1,
            stepSeconds: [0.01 * batchSize],
            evaluationSeconds: 0.1,
            evaluationBatch: 50,
          },
        ],
        peakBytes: 100 + 30 * batchSize,
        leastBytes: 10,
      });
    };
  const settings = { batchSize: 40, epochs: 2 };

  it('tries a quarter of the batch, then all of it', async () => {
    const tried: number[] = [];
    const found = await estimateRun(settings, { probe: pretend(tried), availableBytes: 10_000 });
    expect(tried).toEqual([10, 40]);
    // 1 + 2 x (5 steps of 0.4 + 2 x 0.1) and the score: 2 x 0.1
    expect(found.seconds.value).toBeCloseTo(1 + 2 * 2.2 + 0.2, 10);
    expect(found).toMatchObject({ fits: true, extrapolated: false, notes: [], startSeconds: 1 });
    expect(found.memory.value).toBe(1300);
    // (9000 - 100) / 30 is 296; there are 200 pictures.
    expect(found.largestBatchSize).toBe(200);
  });

  it('does not try what would fill the memory, and reckons it from smaller sizes', async () => {
    const tried: number[] = [];
    const found = await estimateRun(settings, { probe: pretend(tried), availableBytes: 1000 });
    expect(tried).toEqual([10, 20]);
    expect(found).toMatchObject({ fits: false, extrapolated: true });
    expect(found.memory.value).toBe(1300);
    // (900 - 100) / 30
    expect(found.largestBatchSize).toBe(26);
    // Steps: 0.2 s for 20, 0.01 for each more: 0.4 s as above.
    expect(found.seconds.value).toBeCloseTo(5.6, 10);
    expect(found.notes.join()).toContain('Batches of 40 were not tried');
  });

  it('tries the batch after two sizes told that it fits after all', async () => {
    const tried: number[] = [];
    // Four times the first peak, 1600, would not fit into 1500; the line through two gives 1300.
    const found = await estimateRun(settings, { probe: pretend(tried), availableBytes: 1500 / 0.9 });
    expect(tried).toEqual([10, 20, 40]);
    expect(found).toMatchObject({ fits: true, extrapolated: false });
  });

  it('says so where nothing fits', async () => {
    const tried: number[] = [];
    const found = await estimateRun(settings, { probe: pretend(tried), availableBytes: 120 });
    expect(tried).toEqual([10, 2]);
    expect(found.memory.value).toBe(1300);
    expect(found.fits).toBe(false);
    expect(found.largestBatchSize).toBe(undefined);
  });
});

describe('a run', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine();
  });
  afterAll(() => engine.dispose());

  it('carries the estimate that was made for its settings, and no other', async () => {
    const experiment = tiny({ epochs: 1 });
    const result = await probe(experiment);
    const estimate = await estimateRun(experiment, {
      probe: (batchSize) => Promise.resolve({ ...result, batchSize }),
      availableBytes: 1e12,
    });
    await keepEstimate(workshop.folder, estimate);
    const { settings } = await planTraining('a', experiment, workshop.folder);
    expect(settings).toBe(estimate.settings);
    expect(await keptEstimate(workshop.folder, settings)).toEqual(estimate);
    const events = async (changed = experiment) => {
      const context = memoryContext(engine, workshop.folder);
      await train(changed, context);
      return context.events;
    };
    const told = await events();
    expect(told.find(({ type }) => type === 'estimate')).toEqual({ type: 'estimate', estimate });
    const done = told.find((event) => event.type === 'done');
    expect(done?.peakMemory).toBeGreaterThan(0);
    const other = await events(tiny({ epochs: 1, seed: 2 }));
    expect(other.some(({ type }) => type === 'estimate')).toBe(false);
  });

  it('is not held up by an estimate that cannot be read', async () => {
    expect(await keptEstimate(workshop.folder, 'nothing')).toBe(undefined);
  });
});
