import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { strategies, type Strategy } from '../../lab';
import { createEngine } from '../engine/engine';
import type { Engine } from '../engine/types';
import { tensorsOf } from '../models/model';
import { batchAt, openPhase } from '../phase';
import { factorsOf, trainedPart } from '../phase-program';
import { planPhases } from '../planned-phases';
import { prepare } from '../preparation';
import { memoryContext } from '../testing/memory-context';
import { makeWeights, tiny } from '../testing/tiny-run';
import { useTinyWorkshop } from '../testing/use-tiny-workshop';
import { copyTensors } from '../training-state';
import type { BatchNormPolicy } from './batch-norm';

let engine: Engine;
const workshop = useTinyWorkshop();

/** Narrow networks of every family: basic blocks, bottlenecks, plain convolutions, with and without BatchNorm. */
const FAMILIES = ['resnet10', 'resnet18', 'resnet50', 'vgg11', 'vgg11_bn'];

beforeAll(async () => {
  engine = await createEngine();
  for (const name of FAMILIES) await makeWeights(join(workshop.folder, `${name}.safetensors`), name);
});
afterAll(() => engine.dispose());

/** The full rate from the first step on, so that what may move does. */
const AT_ONCE = { learningRate: 1e-3, schedule: 'constant', warmupSteps: 0 } as const;

/** How each part of a strategy looks from outside: the groups that train, from input to output. */
const STRATEGIES: Readonly<
  Record<string, { readonly make: () => Strategy; readonly trains: ((all: string[]) => string[])[] }>
> = {
  fromScratch: { make: () => strategies.fromScratch(AT_ONCE), trains: [(all) => all] },
  featureExtraction: { make: () => strategies.featureExtraction(AT_ONCE), trains: [(all) => all.slice(-1)] },
  lastStage: { make: () => strategies.lastStage(AT_ONCE), trains: [(all) => all.slice(-2)] },
  wholeModel: { make: () => strategies.wholeModel(AT_ONCE), trains: [(all) => all] },
  gradualUnfreezing: {
    make: () => strategies.gradualUnfreezing(AT_ONCE),
    trains: [(all) => all.slice(-1), (all) => all.slice(-2)],
  },
  discriminative: { make: () => strategies.discriminative(AT_ONCE), trains: [(all) => all] },
  headFirst: { make: () => strategies.headFirst(AT_ONCE), trains: [(all) => all.slice(-1), (all) => all] },
  'layerGroups, last three': {
    make: () => strategies.layerGroups({ last: 3 }, AT_ONCE),
    trains: [(all) => all.slice(-3)],
  },
  'layerGroups, one in the middle': {
    make: () => strategies.layerGroups(/^(layer|stage)2$/, AT_ONCE),
    trains: [(all) => [all[all.indexOf('layer2')] ?? 'stage2', all.at(-1) ?? '']],
  },
};

interface Change {
  readonly group: string;
  readonly name: string;
  readonly kind: 'parameter' | 'buffer';
  readonly moved: boolean;
}

/** Trains two steps of one part of a strategy. @returns what became of every tensor, bit by bit */
async function changes(family: string, strategy: Strategy, index: number): Promise<Change[]> {
  const model = { kind: 'model', architecture: family, weights: `./${family}.safetensors` } as const;
  const experiment = tiny({ model, strategy });
  const context = memoryContext(engine, workshop.folder);
  const prepared = await prepare(experiment, context);
  const { store, layerGroups } = prepared.model;
  const planned = planPhases(prepared.phases)[index];
  if (!planned) throw new Error(`${strategy.title} has no part ${index + 1}`);
  const { parameters } = trainedPart(prepared.model, planned.phase, strategy.settings.batchNorm);
  engine.adopt(parameters);
  const before = copyTensors(engine, prepared.model);
  const open = await openPhase(planned, experiment, context, prepared, undefined, 3);
  for (const step of [0, 1]) {
    const batch = batchAt(open, experiment.seed, { step, epoch: 0, stepOfEpoch: step });
    open.optimizer.apply(batch.step.run(batch.inputs).gradients, factorsOf(open.part, 1));
  }
  const found = layerGroups.flatMap((group) =>
    tensorsOf(prepared.model, group).map(({ name, kind, variable }) => {
      const now = engine.data(variable);
      const moved = now.some((value, place) => !Object.is(value, before.get(name)?.[place]));
      return { group: group.name, name, kind, moved };
    }),
  );
  expect(found.length).toBe(store.tensors.size);
  open.dispose();
  prepared.model.dispose();
  return found;
}

const moved = (all: readonly Change[]): string[] => all.filter((one) => one.moved).map(({ name }) => name);
const isNorm = ({ name }: Change, all: readonly Change[]): boolean =>
  all.some((other) => other.name === name.replace(/(weight|bias)$/, 'running_mean') && other.name !== name);

describe.each(FAMILIES)('in a narrow %s', (family) => {
  const parts = Object.entries(STRATEGIES).flatMap(([name, { make, trains }]) =>
    trains.map((groups, phase) => [`${name}, part ${phase + 1}`, make, phase, groups] as const),
  );

  it.each(parts)(
    '%s moves every tensor that trains, and no other by one bit, BatchNorm statistics included',
    async (_, make, phase, groups) => {
      const all = await changes(family, make(), phase);
      const trained = groups([...new Set(all.map(({ group }) => group))]);
      expect(trained.length).toBeGreaterThan(0);
      expect(moved(all)).toEqual(all.filter(({ group }) => trained.includes(group)).map(({ name }) => name));
    },
  );

  it('parameters chosen by a pattern move alone, with the statistics of their groups', async () => {
    const all = await changes(family, strategies.parameters(/\.weight$/, AT_ONCE), 0);
    const head = all.at(-1)?.group;
    const expected = all.filter(
      ({ name, kind, group }) => kind === 'buffer' || name.endsWith('.weight') || group === head,
    );
    expect(moved(all)).toEqual(expected.map(({ name }) => name));
    expect(moved(all).length).toBeLessThan(all.length);
  });
});

describe.each(['resnet10', 'resnet50', 'vgg11', 'vgg11_bn'])('in a narrow %s', (family) => {
  const policies: [BatchNormPolicy, (one: Change, trained: boolean, norm: boolean) => boolean][] = [
    [{ frozen: 'train' }, ({ kind }, trained) => trained || kind === 'buffer'],
    [{ trained: 'eval' }, ({ kind }, trained) => trained && kind === 'parameter'],
    [{ affine: 'all' }, (_one, trained, norm) => trained || norm],
    [{ affine: 'none' }, (_one, trained, norm) => trained && !norm],
    [
      { trained: 'eval', affine: 'none' },
      ({ kind }, trained, norm) => trained && kind === 'parameter' && !norm,
    ],
    [{ frozen: 'train', affine: 'all' }, ({ kind }, trained, norm) => trained || norm || kind === 'buffer'],
  ];
  it.each(policies)(
    'the BatchNorm policy %j moves what it says and nothing else',
    async (batchNorm, moves) => {
      // The group that has BatchNorm next to the head's side, in every family.
      const strategy = strategies.layerGroups(/^(layer4|stage5)$/, {
        ...AT_ONCE,
        batchNorm,
      });
      const all = await changes(family, strategy, 0);
      const head = all.at(-1)?.group ?? '';
      const trained = ['layer4', 'stage5', head];
      const expected = all.filter((one) => moves(one, trained.includes(one.group), isNorm(one, all)));
      expect(moved(all)).toEqual(expected.map(({ name }) => name));
    },
  );
});
