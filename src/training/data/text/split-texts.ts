import { LearnerError } from '../../../protocol/errors';
import type { SplitName } from '../dataset';
import { blockSplit, stratifiedSplit, withoutDuplicates } from '../split';
import type { TextItem, TextListing } from './list-texts';

export interface TextSplitOptions {
  /** Share of the texts that is set aside for validation where the data names none, 0..1. */
  readonly valFraction: number;
  readonly seed: number;
  /** So many neighbours of the file stay together, where no column says what does. */
  readonly blockSize?: number;
}

export interface TextSplits {
  readonly splits: Readonly<Record<SplitName, readonly TextItem[]>>;
  /** How the validation set came about. */
  readonly by: 'data' | 'blocks' | 'texts';
  /** Texts that are there twice: each stays where it measures. */
  readonly duplicates: number;
  /** Of the same text under two classes. */
  readonly conflicts: readonly { readonly item: TextItem; readonly same: TextItem }[];
}

/**
 * Draws a validation set where none is given, by class. Texts that differ in case, spaces and punctuation only are one text, so no
 * question of the test is in the training set.
 * @throws {LearnerError} 'data-class-empty' if a class has no text to train or to measure with, 'data-blocks' if blocks allow no split
 */
export function splitTexts(
  { root, classNames, items }: TextListing,
  { valFraction, seed, blockSize }: TextSplitOptions,
): TextSplits {
  const inBlocks = withBlocks(items, blockSize);
  const given = (name?: SplitName): TextItem[] => inBlocks.filter(({ split }) => split === name);
  const { kept, dropped } = withoutDuplicates([given('test'), given('val'), [...given('train'), ...given()]]);
  const [test = [], val = [], rest = []] = kept;
  const duplicates = dropped.length;
  const conflicts = dropped.filter(({ item, same }) => item.label !== same.label);
  const done = (parts: Pick<TextSplits['splits'], 'train' | 'val'>, by: TextSplits['by']): TextSplits => {
    for (const part of ['train', 'val'] as const) {
      const missing = classNames.filter((_, label) => !parts[part].some((item) => item.label === label));
      if (missing.length > 0) throw emptyClass(root, part, missing);
    }
    return { splits: { ...parts, test }, by, duplicates, conflicts };
  };
  if (val.length > 0) return done({ train: rest, val }, 'data');
  if (!rest.some(({ block }) => block !== undefined))
    return done(stratifiedSplit(rest, valFraction, seed), 'texts');
  return done(
    blockSplit(rest, ({ block, file }) => block ?? file, valFraction, seed),
    'blocks',
  );
}

function withBlocks(items: readonly TextItem[], blockSize: number | undefined): readonly TextItem[] {
  if (blockSize === undefined || items.some(({ block }) => block !== undefined)) return items;
  if (!Number.isInteger(blockSize) || blockSize < 1)
    throw new LearnerError({
      code: 'data-blocks',
      message: `blockSize is ${blockSize}.`,
      remedy: 'Give how many neighbours stay together: a whole number, such as 20.',
    });
  // Zeros in front, so that the order of names is that of the file.
  return items.map((item, index) => ({
    ...item,
    block: String(Math.floor(index / blockSize)).padStart(9, '0'),
  }));
}

function emptyClass(root: string, part: 'train' | 'val', missing: readonly string[]): LearnerError {
  return new LearnerError({
    code: 'data-class-empty',
    message: `${root} has no texts for ${part === 'train' ? 'training' : 'validation'} in: ${missing.join(', ')}.`,
    remedy:
      'Give each class at least two texts that differ, in two blocks where there are blocks, or remove it.',
  });
}

/** How much alike the labels of neighbours are. */
export interface NeighbourLabels {
  /** Share of neighbours with one label, 0..1. */
  readonly same: number;
  /** What that would be in a drawn order. */
  readonly expected: number;
  /** Neighbours belong together (sentences of one review), and a split text by text would leak. */
  readonly related: boolean;
}

const FEWEST = 100;
const FAR_ABOVE = 0.1;

/**
 * Whether the order of a file tells the labels. Sorted by class is no sign of that, so neighbours are compared only where classes
 * alternate often enough to be no such runs.
 */
export function neighbourLabels(labels: readonly number[]): NeighbourLabels {
  const pairs = Math.max(0, labels.length - 1);
  const same = labels.slice(1).filter((label, index) => label === labels[index]).length / Math.max(1, pairs);
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const expected = [...counts.values()].reduce((sum, count) => sum + (count / labels.length) ** 2, 0);
  const runs = Math.round((1 - same) * pairs) + 1;
  const sorted = runs <= 2 * counts.size;
  return { same, expected, related: labels.length >= FEWEST && !sorted && same - expected > FAR_ABOVE };
}
