import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { gatherRows, type Dataset, type Split, type SplitName } from './data/dataset';
import type { Augmenter } from './data/augmentation/augmenter';
import type { TensorData } from './engine/types';
import { cachedFeatures, featureKey, type Features } from './feature-cache';
import { forwardGroups, tensorsOf, type TransferModel } from './models/model';
import { itemsOf, runInBatches, type ItemSource, type TrainedPart } from './phase-program';
import type { RunContext } from './run-context';
import { putLabels } from './tasks/image-classification';

/** What the trained part of a phase reads: pictures, or what the frozen prefix made of them. */
export interface PhaseData {
  readonly itemShape: readonly number[];
  readonly splits: Readonly<Record<SplitName, Split>>;
  /**
   * Copies training items and their labels.
   * @param epoch from 0: augmented pictures differ from epoch to epoch
   * @param items `[indices, ...itemShape]`
   * @param labels `[indices, numClasses]`: one-hot, or shares where pictures are blended
   */
  gather(indices: Int32Array, epoch: number, items: Float32Array, labels: Float32Array): void;
}

const PREFIX_BATCH = 32;

/**
 * Runs the frozen prefix once for every picture, or takes its results from the cache. With augmentation there are
 * several results for each training picture, one for each variant.
 */
export async function phaseData(
  context: RunContext,
  model: TransferModel,
  dataset: Dataset,
  part: TrainedPart,
  augmenter: Augmenter | undefined,
): Promise<PhaseData> {
  if (part.from <= 0) return pictureData(dataset, model.numClasses, augmenter);
  const prefix = model.layerGroups.slice(0, part.from);
  const key = featureKey([
    model.architecture,
    dataset.fingerprint,
    augmenter?.key ?? 'plain',
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
    () => computeFeatures(context, model, dataset, part, augmenter),
    (text) => context.emit({ type: 'log', text }),
  );
  const names = prefix.map(({ name }) => name).join(', ');
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const how =
    from === 'computed'
      ? `computed once for every picture${augmenter ? `, in ${augmenter.variants} variants,` : ''} in ${seconds} s`
      : `taken from the cache (${from})`;
  context.emit({ type: 'log', text: `Frozen layers (${names}): ${how}.` });
  return featureData(dataset, model.numClasses, features, augmenter);
}

async function computeFeatures(
  context: RunContext,
  model: TransferModel,
  dataset: Dataset,
  part: TrainedPart,
  augmenter: Augmenter | undefined,
): Promise<Features> {
  const compiled = context.engine.compileFunction({
    name: `frozen layers, batch ${PREFIX_BATCH}`,
    inputs: { items: { shape: [PREFIX_BATCH, ...dataset.itemShape], dtype: 'float32' } },
    run: ({ items }) => ({
      features: forwardGroups(model, items as tf.Tensor, { from: 0, to: part.from }, false),
    }),
  });
  try {
    const plain = (split: Split): ItemSource => itemsOf(split, dataset.itemShape);
    const { train, val, test } = dataset.splits;
    const sources: [string, ItemSource][] = [
      ...(augmenter
        ? Array.from({ length: augmenter.variants }, (_, variant): [string, ItemSource] => [
            variantName(variant),
            augmented(train, augmenter, variant),
          ])
        : [[variantName(0), plain(train)] as [string, ItemSource]]),
      ['val', plain(val)],
      ['test', plain(test)],
    ];
    const total = sources.reduce((sum, [, { count }]) => sum + count, 0);
    const parts: Record<string, Float32Array> = {};
    let done = 0;
    for (const [name, source] of sources) {
      parts[name] = runInBatches(compiled, 'features', source, PREFIX_BATCH, dataset.itemShape, (rows) =>
        context.emit({ type: 'preparing', phase: 'cachingFeatures', done: done + rows, total }),
      );
      done += source.count;
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

const variantName = (variant: number): string => (variant === 0 ? 'train' : `train.${variant}`);

function augmented({ count }: Split, augmenter: Augmenter, variant?: number, epoch = 0): ItemSource {
  const moment = augmenter.moment(epoch, variant);
  return {
    count,
    fill: (indices, target) => {
      for (const [row, index] of indices.entries()) {
        const drawn = augmenter.draw(index, moment);
        target.set(drawn, row * drawn.length);
      }
    },
  };
}

function pictureData(dataset: Dataset, numClasses: number, augmenter: Augmenter | undefined): PhaseData {
  const { itemShape, splits } = dataset;
  const plain = itemsOf(splits.train, itemShape);
  return {
    itemShape,
    splits,
    gather: (indices, epoch, items, labels) => {
      (augmenter ? augmented(splits.train, augmenter, undefined, epoch) : plain).fill(indices, items);
      for (const [row, index] of indices.entries())
        putLabels(splits.train.labels, index, augmenter?.mix(index, augmenter.moment(epoch)), {
          labels,
          row,
          numClasses,
        });
    },
  };
}

function featureData(
  dataset: Dataset,
  numClasses: number,
  { itemShape, parts }: Features,
  augmenter: Augmenter | undefined,
): PhaseData {
  const size = itemShape.reduce((product, length) => product * length, 1);
  const partOf = (name: string): Float32Array => parts[name] ?? new Float32Array(0);
  const withFeatures = (name: SplitName): Split => ({ ...dataset.splits[name], values: partOf(name) });
  return {
    itemShape,
    splits: { train: withFeatures('train'), val: withFeatures('val'), test: withFeatures('test') },
    gather: (indices, epoch, items, labels) => {
      for (const [row, index] of indices.entries()) {
        const variant = augmenter?.variantIn(index, epoch) ?? 0;
        gatherRows(partOf(variantName(variant)), [index], size, items.subarray(row * size, (row + 1) * size));
        putLabels(
          dataset.splits.train.labels,
          index,
          augmenter?.mix(index, augmenter.moment(epoch, variant)),
          {
            labels,
            row,
            numClasses,
          },
        );
      }
    },
  };
}

function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
