import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { imageFolder, resnet18, strategies, type Experiment } from '../lab';
import { createEngine } from './engine/engine';
import type { Engine } from './engine/types';
import { forgetFeatures } from './feature-cache';
import type { BatchNormPolicy } from './strategies/batch-norm';
import { memoryContext } from './testing/memory-context';
import { lossesOf, makeWeights, tiny } from './testing/tiny-run';
import { useTinyWorkshop } from './testing/use-tiny-workshop';
import { train } from './trainer';

let engine: Engine;
const workshop = useTinyWorkshop();
beforeAll(async () => {
  engine = await createEngine();
  await makeWeights(join(workshop.folder, 'vgg11.safetensors'), 'vgg11');
});
afterAll(() => engine.dispose());
beforeEach(forgetFeatures);
afterEach(() => rm(join(workshop.folder, '.transfer-lab'), { recursive: true, force: true }));

const lastStage = (batchNorm?: BatchNormPolicy, changes: Parameters<typeof tiny>[0] = {}): Experiment =>
  tiny({ epochs: 1, strategy: strategies.lastStage(batchNorm ? { batchNorm } : {}), ...changes });

/** What a run told of its frozen layers, and its losses. */
async function run(experiment: Experiment): Promise<{ told: string; losses: unknown }> {
  const context = memoryContext(engine, workshop.folder);
  await train(experiment, context);
  const logs = context.events.flatMap((event) => (event.type === 'log' ? [event.text] : []));
  return {
    told: logs.find((text) => text.startsWith('Frozen layers')) ?? '',
    losses: lossesOf(context.events),
  };
}

/** As if the run were one of another process. */
async function runLater(experiment: Experiment): ReturnType<typeof run> {
  forgetFeatures();
  return run(experiment);
}

describe('the frozen layers before the last stage and the head', () => {
  it('run once, and in a later run not at all', async () => {
    const first = await run(lastStage());
    expect(first.told).toContain('(stem, layer1, layer2, layer3): computed once for every picture');
    const later = await runLater(lastStage());
    expect(later.told).toContain('taken from the cache (disk)');
    expect(later.losses).toEqual(first.losses);
  });

  it('run again where weights, pictures, size or prefix are others, and only then', async () => {
    await run(lastStage());
    await makeWeights(join(workshop.folder, 'other.safetensors'), 'resnet18', 6);
    const others: Record<string, Experiment> = {
      weights: lastStage(undefined, { model: resnet18({ weights: './other.safetensors' }) }),
      size: lastStage(undefined, { data: imageFolder('data', { imageSize: 48 }) }),
      prefix: lastStage(undefined, { strategy: strategies.featureExtraction() }),
      pictures: lastStage(undefined, { data: imageFolder('data/train', { imageSize: 32 }) }),
    };
    for (const [what, experiment] of Object.entries(others))
      expect((await runLater(experiment)).told, what).toContain('computed once');
    const rate = lastStage(undefined, { strategy: strategies.lastStage({ learningRate: 3e-4 }) });
    expect((await runLater(rate)).told).toContain('(disk)');
  });

  it.each([
    [{ trained: 'eval' }, true],
    [{ affine: 'none' }, true],
    [{ frozen: 'train' }, false],
    [{ affine: 'all' }, false],
  ] as const)('with the BatchNorm policy %j are kept: %s', async (policy, kept) => {
    expect((await run(lastStage(policy))).told !== '').toBe(kept);
  });

  it('are kept whatever the policy in a network without BatchNorm', async () => {
    const model = { kind: 'model', architecture: 'vgg11', weights: './vgg11.safetensors' } as const;
    const { told } = await run(lastStage({ frozen: 'train', affine: 'all' }, { model }));
    expect(told).toContain('(stage1, stage2, stage3, stage4, stage5): computed once');
  });
});
