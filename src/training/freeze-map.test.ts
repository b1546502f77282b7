import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { experiment, imageFolder, resnet18, strategies } from '../lab';
import { createEngine } from './engine/engine';
import type { Engine } from './engine/types';
import { freezeMap, type ModelDescription } from './freeze-map';
import { findPictureArchitecture } from './models';
import { describeNetwork, pictureOf } from './models/describe';
import { planTraining } from './training-plan';

const parameter = (name: string, size: number, operations: number, ofNorm = false) => ({
  name,
  size,
  operations,
  ofNorm,
});

/** Three groups that can be reckoned by hand: 100, 200 and 10 operations forward. */
const NETWORK: ModelDescription = [
  {
    name: 'stem',
    parameters: [parameter('conv.weight', 40, 100), parameter('bn.weight', 4, 0, true)],
    buffers: 8,
    forward: 100,
    entry: 100,
  },
  {
    name: 'body',
    parameters: [parameter('a.weight', 60, 150), parameter('b.weight', 20, 50)],
    buffers: 0,
    forward: 200,
    entry: 150,
  },
  { name: 'head', parameters: [parameter('fc.weight', 5, 10)], buffers: 0, forward: 10, entry: 10 },
];

describe('a freeze map', () => {
  const constant = { schedule: 'constant', warmupSteps: 0, learningRate: 1e-2 } as const;

  it('costs what its layers cost: forward, gradients of weights, and of inputs behind the first that trains', () => {
    const { cost, prefixCost } = freezeMap(NETWORK, strategies.layerGroups({ last: 2 }, constant), {
      epochs: 1,
      epoch: 1,
    });
    // body: weights 200, inputs of all but its first layer 50; head: weights 10, inputs 10. The stem ran before.
    expect(cost).toEqual({ forward: 210, backward: 200 + 50 + 10 + 10 });
    expect(prefixCost).toBe(100);
  });

  it('costs a whole step 100 + 200 + 10 forward, and all but the pictures’ gradient back', () => {
    const { cost, wholeCost } = freezeMap(NETWORK, strategies.wholeModel(constant), { epochs: 1, epoch: 1 });
    expect(cost).toEqual(wholeCost);
    expect(cost).toEqual({ forward: 310, backward: 100 + 0 + 200 + 200 + 10 + 10 });
  });

  it('keeps no output of a group whose BatchNorm looks at the batch', () => {
    const { rows, prefixCost, cost } = freezeMap(
      NETWORK,
      strategies.featureExtraction({ ...constant, batchNorm: { frozen: 'train' } }),
      { epochs: 1, epoch: 1 },
    );
    expect(rows.map(({ cached }) => cached)).toEqual([false, false, false]);
    expect(rows[0]?.batchNorm).toEqual({ mode: 'train', affine: false });
    expect(prefixCost).toBe(0);
    expect(cost).toEqual({ forward: 310, backward: 10 });
  });

  it('follows the parts of a strategy, and its schedule', () => {
    const strategy = strategies.gradualUnfreezing({
      learningRate: 1e-2,
      schedule: 'linear',
      warmupSteps: 0,
      epochsPerGroup: 2,
    });
    const at = (epoch: number) => freezeMap(NETWORK, strategy, { epochs: 6, epoch });
    expect([1, 2, 3, 5, 6].map((epoch) => at(epoch).phase.firstEpoch)).toEqual([1, 1, 3, 5, 5]);
    expect([1, 3, 5].map((epoch) => at(epoch).trainedParameters)).toEqual([5, 85, 129]);
    // Linear from 1e-2 to 0 over two epochs: half of it when the second begins; the next part starts at half the rate.
    expect(at(2).rows[2]).toMatchObject({ learningRate: 1e-2, learningRateNow: 5e-3 });
    expect(at(3).rows[1]).toMatchObject({ learningRate: 5e-3, learningRateNow: 5e-3, trainable: true });
    expect(at(2).rows[1]).not.toHaveProperty('learningRateNow');
  });

  it('counts single parameters', () => {
    const { rows } = freezeMap(NETWORK, strategies.parameters('b.*', constant), { epochs: 1, epoch: 1 });
    expect(rows.map(({ trainable, trainedParameters }) => [trainable, trainedParameters])).toEqual([
      [false, undefined],
      [true, 20],
      [true, undefined],
    ]);
  });
});

describe('what a network costs', () => {
  let engine: Engine;
  let folder: string;
  beforeAll(async () => {
    engine = await createEngine({ native: false });
    folder = await mkdtemp(join(tmpdir(), 'transfer-lab-plan-'));
  });
  afterAll(async () => {
    engine.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  // torchvision 0.26, ResNet18_Weights.IMAGENET1K_V1.meta['_ops'] and ResNet50_…: billions of multiply-adds at 224 pixels.
  it.each([
    ['resnet18', 1.814, 11_689_512],
    ['resnet50', 4.089, 25_557_032],
  ])('%s does what torchvision counts: %d GMACs, %d parameters', (name, gigaMacs, count) => {
    const model = findPictureArchitecture(name).create({ numClasses: 1000, seed: 1, deferred: true });
    const groups = describeNetwork(model, pictureOf(224));
    model.dispose();
    const sum = (of: (group: (typeof groups)[number]) => number): number =>
      groups.reduce((total, group) => total + of(group), 0);
    expect(sum(({ forward }) => forward) / 2e9).toBeCloseTo(gigaMacs, 3);
    expect(
      sum(({ parameters }) => parameters.reduce((total, { operations }) => total + operations, 0)) / 2e9,
    ).toBeCloseTo(gigaMacs, 3);
    expect(sum(({ parameters }) => parameters.reduce((total, { size }) => total + size, 0))).toBe(count);
  });

  it('is planned from settings alone, and what had to be assumed is said', async () => {
    const settings = experiment({
      data: imageFolder('not/there'),
      model: resnet18({ weights: 'transfer-lab-test/not-on-this-computer' }),
      strategy: strategies.headFirst(),
      epochs: 4,
      batchSize: 8,
      seed: 1,
    });
    const { maps, assumptions, model } = await planTraining('mine', settings, folder);
    expect(model).toBe('resnet18');
    expect(maps.map(({ phase }) => [phase.firstEpoch, phase.epochs])).toEqual([
      [1, 1],
      [2, 3],
    ]);
    expect(maps[0]?.trainedParameters).toBe(512 * 10 + 10);
    expect(assumptions.join(' ')).toContain('transfer-lab-test/not-on-this-computer');
    expect(assumptions.join(' ')).toContain('not/there does not exist');
  });
});
