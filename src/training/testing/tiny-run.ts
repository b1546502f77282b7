import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import {
  experiment,
  imageFolder,
  resnet18,
  strategies,
  type Experiment,
  type ExperimentOptions,
} from '../../lab';
import type { RunEvent } from '../../protocol/events';
import { findPictureArchitecture } from '../models';
import { hashBytesImage } from '../oracle/hash';
import { randomStream } from '../random';
import { encodeSafetensors, type SafetensorsEntry } from '../weights/safetensors';
import type { MemoryContext } from './memory-context';

/** 7 + 3 + 3 pictures of each of three classes, told apart by a coloured half. */
export async function makePictures(root: string): Promise<void> {
  for (const [split, count] of [
    ['train', 7],
    ['val', 3],
    ['test', 3],
  ] as const)
    for (const [label, name] of ['blue', 'green', 'red'].entries()) {
      await mkdir(join(root, split, name), { recursive: true });
      for (let index = 0; index < count; index++) {
        const planes = hashBytesImage(`${split}.${name}.${index}`, [3, 32, 32]);
        const pixels = Uint8Array.from({ length: 3 * 32 * 32 }, (_, place) => {
          const noise = planes[(place % 3) * 1024 + Math.floor(place / 3)] ?? 0;
          return place % 3 === 2 - label ? 255 - noise / 4 : noise / 2;
        });
        await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
          .png()
          .toFile(join(root, split, name, `${index}.png`));
      }
    }
}

/** A checkpoint of a very narrow network, told by its shapes. @param seed of its values */
export async function makeWeights(file: string, architecture = 'resnet18', seed = 5): Promise<void> {
  const model = findPictureArchitecture(architecture).create({ numClasses: 5, seed: 9, width: 4 });
  const tensors = new Map<string, SafetensorsEntry>();
  for (const { name, checkpointShape: shape } of model.store.tensors.values()) {
    const stream = randomStream(seed, name);
    const count = shape.reduce((product, size) => product * size, 1);
    const scale = shape.length > 1 ? Math.sqrt((3 * (shape[0] ?? 1)) / count) : 0.1;
    const offset = name.endsWith('running_var') || (name.endsWith('weight') && shape.length === 1) ? 1 : 0;
    const values = Float32Array.from(
      { length: count },
      (_, i) => (2 * stream.uniform(i) - 1) * scale + offset,
    );
    tensors.set(name, { dtype: 'F32', shape, bytes: new Uint8Array(values.buffer) });
  }
  model.dispose();
  await writeFile(file, encodeSafetensors(tensors));
}

export interface TinyWorkshop {
  /** Holds data/ and tiny.safetensors. */
  readonly folder: string;
  remove(): Promise<void>;
}

/** A folder in which `tiny()` can be trained. */
export async function makeTinyWorkshop(): Promise<TinyWorkshop> {
  const folder = await mkdtemp(join(tmpdir(), 'transfer-lab-tiny-'));
  await makePictures(join(folder, 'data'));
  await makeWeights(join(folder, 'tiny.safetensors'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** An experiment of a second or less: 21 pictures to train on, three steps an epoch. */
export function tiny(changes: Partial<ExperimentOptions> = {}): Experiment {
  return experiment({
    data: imageFolder('data', { imageSize: 32, seed: 1 }),
    model: resnet18({ weights: './tiny.safetensors' }),
    strategy: strategies.wholeModel({ learningRate: 3e-3 }),
    epochs: 2,
    batchSize: 8,
    seed: 1,
    ...changes,
  });
}

/** The loss of every step, by the step's number. */
export const lossesOf = (events: readonly RunEvent[]): (readonly [number, number])[] =>
  events.flatMap((event) => (event.type === 'stepEnd' ? [[event.step, event.trainLoss] as const] : []));

/** The weights that a run kept, comparable bit for bit. */
export const keptWeights = ({ best }: Pick<MemoryContext, 'best'>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(best?.tensors ?? {}).map(([name, { data }]) => [
      name,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
    ]),
  );
