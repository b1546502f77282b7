import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Strategy, experiment, imageFolder, resnet18 } from '../src/lab/index';
import { assetsRoot } from '../src/training/assets';
import type { Engine } from '../src/training/engine/types';
import type { Experiment } from '../src/training/experiment';
import { memoryContext } from '../src/training/testing/memory-context';
import { type TrainResult, train } from '../src/training/trainer';
import type { RunEvent } from '../src/protocol/events';

/** What exercise 1 trains, with these choices. */
export interface Choices {
  readonly strategy: Strategy;
  readonly epochs: number;
  readonly seed: number;
  readonly data?: string;
}

export function exerciseOne({ strategy, epochs, seed, data }: Choices): Experiment {
  const folder = data === undefined ? join(assetsRoot(), 'media/data/emoji-10') : resolve(data);
  return experiment({
    data: imageFolder(folder, { imageSize: 64, seed: 1 }),
    model: resnet18({ weights: 'embedded' }),
    strategy,
    epochs,
    batchSize: 16,
    seed,
  });
}

/** Trains in this process. Features of frozen layers go to a folder of their own, which is removed. */
export async function trainHere(
  engine: Engine,
  chosen: Experiment,
  onEvent: (event: RunEvent) => void = () => undefined,
): Promise<TrainResult> {
  const folder = await mkdtemp(join(tmpdir(), 'transfer-lab-bench-'));
  try {
    return await train(chosen, memoryContext(engine, folder, { onEvent }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
