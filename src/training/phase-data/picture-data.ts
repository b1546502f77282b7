import type { Augmenter } from '../data/augmentation/augmenter';
import { gatherRows, type PictureDataset, type SplitName } from '../data/dataset';
import { sizeOf } from '../engine/onnx/values';
import type { Features } from '../feature-cache';
import { evenBatching, type Batching, type BatchingOptions, type ItemLayout } from './batching';
import { countsOf, type Source } from './frozen-prefix';
import type { ItemReader } from './phase-data';

const layoutOf = (name: string, shape: readonly number[]): ItemLayout => ({
  name,
  items: { shape, dtype: 'float32' },
  side: {},
  answers: 1,
});

export const pictureBatching = (dataset: PictureDataset, options: BatchingOptions): Batching =>
  evenBatching(layoutOf('pictures', dataset.itemShape), countsOf(dataset), options);

/** Pictures themselves; training ones are augmented anew in each epoch. */
export function pictureReader(
  { itemShape, splits }: PictureDataset,
  augmenter: Augmenter | undefined,
): ItemReader {
  const size = sizeOf(itemShape);
  return {
    itemBytes: 4 * size,
    feed: (split, { indices }, when) => {
      const items = new Float32Array(indices.length * size);
      if (!augmenter || split !== 'train' || !when) gatherRows(splits[split].values, indices, size, items);
      else {
        const moment = augmenter.moment(when.epoch ?? 0, when.variant);
        for (const [row, index] of indices.entries()) items.set(augmenter.draw(index, moment), row * size);
      }
      return { items };
    },
    ...(augmenter
      ? { mix: (item: number, epoch: number) => augmenter.mix(item, augmenter.moment(epoch)) }
      : {}),
  };
}

const variantName = (variant: number): string => (variant === 0 ? 'train' : `train.${variant}`);

/** What a frozen prefix is run over: with augmentation, each training picture in several variants. */
export function pictureSources(augmenter: Augmenter | undefined): Source[] {
  const variants: Source[] = augmenter
    ? Array.from({ length: augmenter.variants }, (_, variant) => ({
        name: variantName(variant),
        split: 'train',
        when: { variant },
      }))
    : [{ name: variantName(0), split: 'train' }];
  return [...variants, { name: 'val', split: 'val' }, { name: 'test', split: 'test' }];
}

/** What the prefix made of pictures: each epoch sees one variant of each. */
export function pictureFeatures(
  dataset: PictureDataset,
  { itemShape, parts }: Features,
  augmenter: Augmenter | undefined,
  options: BatchingOptions,
): { readonly batching: Batching; readonly reader: ItemReader } {
  const size = sizeOf(itemShape);
  const partOf = (name: string): Float32Array => parts[name] ?? new Float32Array(0);
  const variantIn = (item: number, epoch: number): number => augmenter?.variantIn(item, epoch) ?? 0;
  const put = (split: SplitName, index: number, epoch: number, target: Float32Array): void =>
    gatherRows(
      partOf(split === 'train' ? variantName(variantIn(index, epoch)) : split),
      [index],
      size,
      target,
    );
  return {
    batching: evenBatching(layoutOf('kept features', itemShape), countsOf(dataset), options),
    reader: {
      itemBytes: 4 * size,
      feed: (split, { indices }, when) => {
        const items = new Float32Array(indices.length * size);
        for (const [row, index] of indices.entries())
          put(split, index, when?.epoch ?? 0, items.subarray(row * size, (row + 1) * size));
        return { items };
      },
      ...(augmenter
        ? {
            mix: (item: number, epoch: number) =>
              augmenter.mix(item, augmenter.moment(epoch, variantIn(item, epoch))),
          }
        : {}),
    },
  };
}
