import type { Sample } from '../../protocol/data-view';
import type { SplitName } from './dataset';

const MEASURING = 2;
export const SAMPLES_PER_CLASS = 12;

/**
 * Up to a dozen pictures of each class, most of them for training, spread evenly over each split in the order of its list.
 * Where a split has too few, training has more.
 */
export function pickSamples(
  classNames: readonly string[],
  splits: Readonly<Record<SplitName, readonly { readonly file: string; readonly label: number }[]>>,
): Sample[][] {
  return classNames.map((_, label) => {
    const of = (split: SplitName, count: number): Sample[] =>
      spread(
        splits[split].filter((picture) => picture.label === label),
        count,
      ).map(({ file }) => ({ file, split }));
    const measuring = [...of('val', MEASURING), ...of('test', MEASURING)];
    return [...of('train', SAMPLES_PER_CLASS - measuring.length), ...measuring];
  });
}

/** `count` of the items from first to last, with even gaps. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, index) =>
    items.slice(Math.floor((index * items.length) / count)).slice(0, 1),
  ).flat();
}
