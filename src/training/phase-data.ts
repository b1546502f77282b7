import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { gatherRows, mirrorInPlace, type Dataset, type Split, type SplitName } from './data/dataset';
import type { TensorData } from './engine/types';
import { cachedFeatures, featureKey, type Features } from './feature-cache';
import { forwardGroups, tensorsOf, type TransferModel } from './models/model';
import { runInBatches, type TrainedPart } from './phase-program';
import type { RunContext } from './run-context';

/** What the trained part of a phase reads: pictures, or what the frozen prefix made of them. */
export interface PhaseData {
  readonly itemShape: readonly number[];
  readonly splits: Readonly<Record<SplitName, Split>>;
  /** Items of a training batch. @param mirrored per row */
  gather(indices: Int32Array, mirrored: readonly boolean[], target: Float32Array): void;
}

const PREFIX_BATCH = 32;

/**
 * Runs the frozen prefix once for every picture, or takes its results from the cache. With mirroring there are two
 * results for each training picture.
 */
export async function phaseData(
  context: RunContext,
  model: TransferModel,
  dataset: Dataset,
  part: TrainedPart,
  mirroring: boolean,
): Promise<PhaseData> {
  if (part.from <= 0) return pictureData(dataset);
  const prefix = model.layerGroups.slice(0, part.from);
  const key = featureKey([
    model.architecture,
    dataset.fingerprint,
    mirroring ? 'mirrored' : 'plain',
    context.engine.device.text,
    ...prefix.flatMap((group) => [
      group.name,
      ...tensorsOf(model, group).flatMap(({ name, variable }) => [
        name,
        bytesOf(context.engine.data(variable)),
      ]),
    ]),
  ]);
  const folder = join(context.experimentDirectory, '.transfer-lab', 'cache', 'features');
  const started = performance.now();
  const { features, from } = await cachedFeatures(
    folder,
    key,
    () => computeFeatures(context, model, dataset, part, mirroring),
    (text) => context.emit({ type: 'log', text }),
  );
  const names = prefix.map(({ name }) => name).join(', ');
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const how =
    from === 'computed'
      ? `computed once for every picture in ${seconds} s`
      : `taken from the cache (${from})`;
  context.emit({ type: 'log', text: `Frozen layers (${names}): ${how}.` });
  return featureData(dataset, features);
}

async function computeFeatures(
  context: RunContext,
  model: TransferModel,
  dataset: Dataset,
  part: TrainedPart,
  mirroring: boolean,
): Promise<Features> {
  const compiled = context.engine.compileFunction({
    name: `frozen layers, batch ${PREFIX_BATCH}`,
    inputs: { items: { shape: [PREFIX_BATCH, ...dataset.itemShape], dtype: 'float32' } },
    run: ({ items }) => ({
      features: forwardGroups(model, items as tf.Tensor, { from: 0, to: part.from }, false),
    }),
  });
  try {
    const { train, val, test } = dataset.splits;
    const sources: [string, Split][] = [
      ['train', train],
      ...(mirroring ? ([['train.mirrored', mirrored(train, dataset.itemShape)]] as [string, Split][]) : []),
      ['val', val],
      ['test', test],
    ];
    const total = sources.reduce((sum, [, { count }]) => sum + count, 0);
    const parts: Record<string, Float32Array> = {};
    let done = 0;
    for (const [name, split] of sources) {
      parts[name] = runInBatches(compiled, 'features', split, PREFIX_BATCH, dataset.itemShape, (rows) =>
        context.emit({ type: 'preparing', phase: 'cachingFeatures', done: done + rows, total }),
      );
      done += split.count;
      await context.breathe();
    }
    return { itemShape: shapeAfter(model, part.from, dataset.itemShape), parts };
  } finally {
    compiled.dispose();
  }
}

/** Shape of one item after the groups before `to`, found by running them on one blank picture. */
function shapeAfter(model: TransferModel, to: number, itemShape: readonly number[]): number[] {
  return tf.tidy(() =>
    forwardGroups(model, tf.zeros([1, ...itemShape]), { from: 0, to }, false).shape.slice(1),
  );
}

function mirrored(split: Split, itemShape: readonly number[]): Split {
  const [height = 1, width = 1, channels = 1] = itemShape;
  const values = split.values.slice();
  const size = height * width * channels;
  for (let item = 0; item < split.count; item++)
    mirrorInPlace(values.subarray(item * size, (item + 1) * size), width, channels);
  return { ...split, values };
}

function pictureData(dataset: Dataset): PhaseData {
  const { itemShape, splits } = dataset;
  const [height = 1, width = 1, channels = 1] = itemShape;
  const size = height * width * channels;
  return {
    itemShape,
    splits,
    gather: (indices, flips, target) => {
      gatherRows(splits.train.values, indices, size, target);
      for (const [row, flip] of flips.entries())
        if (flip) mirrorInPlace(target.subarray(row * size, (row + 1) * size), width, channels);
    },
  };
}

function featureData(dataset: Dataset, { itemShape, parts }: Features): PhaseData {
  const size = itemShape.reduce((product, length) => product * length, 1);
  const withFeatures = (name: SplitName): Split => ({
    ...dataset.splits[name],
    values: parts[name] ?? new Float32Array(0),
  });
  const plain = parts['train'] ?? new Float32Array(0);
  const flipped = parts['train.mirrored'] ?? plain;
  return {
    itemShape,
    splits: { train: withFeatures('train'), val: withFeatures('val'), test: withFeatures('test') },
    gather: (indices, flips, target) => {
      for (const [row, index] of indices.entries()) {
        const source = flips[row] ? flipped : plain;
        target.set(source.subarray(index * size, (index + 1) * size), row * size);
      }
    },
  };
}

function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
