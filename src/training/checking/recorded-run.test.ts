import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { experiment, imageFolder, resnet18, strategies, type Experiment } from '../../lab';
import { RUN_FILES } from '../../protocol/run-files';
import { createEngine } from '../engine/engine';
import type { Engine } from '../engine/types';
import { diskContext } from '../runs/disk-context';
import { Journal } from '../runs/journal';
import { createRunDirectory } from '../runs/run-directory';
import { train } from '../trainer';
import { outcomeOf } from './outcome';
import { probe } from './probe';
import { recordedRun } from './recorded-run';

const GROUPS = ['stem', 'layer1', 'layer2', 'layer3', 'layer4', 'fc'];
let engine: Engine;
let folder: string;

/** Four pictures of each of two classes in each split: warm and cold colours. */
beforeAll(async () => {
  engine = await createEngine();
  folder = await mkdtemp(join(tmpdir(), 'transfer-lab-recorded-'));
  for (const split of ['train', 'val', 'test'])
    for (const [name, r, b] of [
      ['warm', 200, 30],
      ['cold', 30, 200],
    ] as const) {
      await mkdir(join(folder, 'data', split, name), { recursive: true });
      for (let index = 0; index < 4; index++) {
        const background = { r: r + 9 * index, g: 20 * index + split.length, b };
        await sharp({ create: { width: 32, height: 32, channels: 3, background } })
          .png()
          .toFile(join(folder, 'data', split, name, `${index}.png`));
      }
    }
  await writeFile(join(folder, 'experiment.ts'), '');
});

afterAll(async () => {
  engine.dispose();
  await rm(folder, { recursive: true, force: true });
});

const headOnly = (learningRate: number): Experiment =>
  experiment({
    data: imageFolder('data', { imageSize: 32, seed: 1 }),
    model: resnet18({ weights: 'embedded' }),
    strategy: strategies.featureExtraction({ learningRate }),
    epochs: 2,
    batchSize: 4,
    seed: 3,
  });

async function recordRun(of: Experiment) {
  const file = join(folder, 'experiment.ts');
  const { directory, runId } = await createRunDirectory(
    { file, experiment: 'headOnly' },
    { transferLab: '0', node: process.version },
  );
  const journal = new Journal(join(directory, RUN_FILES.events));
  journal.append({ type: 'runStarted', runId, pid: process.pid });
  const { signal } = new AbortController();
  const result = await train(of, diskContext({ engine, runDirectory: directory, file, signal, journal }));
  journal.close();
  return result;
}

describe('a run of the learner', () => {
  it('counts for a check with the same settings, scored as it was, and for no other', async () => {
    const first = headOnly(3e-3);
    const result = await recordRun(first);
    const phases = first.strategy.plan(GROUPS, first.epochs);
    const found = await recordedRun(engine, first, phases, folder);
    expect(found?.evaluation.accuracy).toBe(result.final.accuracy);
    expect(found?.predictions.map(({ predicted }) => predicted)).toEqual(
      result.predictions.map(({ predicted }) => predicted),
    );
    const outcome = await outcomeOf(engine, first, phases, folder, () => undefined);
    expect(outcome).toMatchObject({ from: 'run', accuracy: result.final.accuracy, split: 'test' });
    expect((await outcomeOf(engine, first, phases, folder, () => undefined)).from).toBe('kept');

    const other = headOnly(1e-3);
    const planned = other.strategy.plan(GROUPS, other.epochs);
    expect(await recordedRun(engine, other, planned, folder)).toBeUndefined();
    expect((await outcomeOf(engine, other, planned, folder, () => undefined)).from).toBe('trained');
  });
});

describe('a probe', () => {
  it('moves what the plan trains and nothing else, and leaves no tensor', async () => {
    const some = headOnly(3e-3);
    const { phases, leakedTensors } = await probe(engine, some, some.strategy.plan(GROUPS, 2), folder, 2);
    expect(leakedTensors).toBe(0);
    expect(phases[0]?.losses.length).toBe(2);
    expect(phases[0]?.groups.map(({ name, trains, identical }) => [name, trains, identical])).toEqual(
      GROUPS.map((name) => [name, name === 'fc', name !== 'fc']),
    );
  });
});
