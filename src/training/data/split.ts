import { LearnerError } from '../../protocol/errors';
import { permutation, randomStream } from '../random';

export interface Labelled {
  /** Where it comes from: no other item has the same. */
  readonly file: string;
  readonly label: number;
  /**
   * sha256 of what the network sees, such as the prepared pixels: two files of one picture share it, whatever their format.
   */
  readonly hash: string;
}

/**
 * Splits by class, so that both sides have the same mix: `fraction` of each class for validation, at least one and
 * never all. Drawn from the seed; independent of the order in which the files were found.
 */
export function stratifiedSplit<T extends Labelled>(
  items: readonly T[],
  fraction: number,
  seed: number,
): { train: T[]; val: T[] } {
  const train: T[] = [];
  const val: T[] = [];
  const labels = [...new Set(items.map(({ label }) => label))].sort((a, b) => a - b);
  for (const label of labels) {
    const ofClass = items.filter((item) => item.label === label).sort((a, b) => (a.file < b.file ? -1 : 1));
    const count = Math.min(ofClass.length - 1, Math.max(1, Math.round(fraction * ofClass.length)));
    const order = permutation(randomStream(seed, `split/${label}`), ofClass.length);
    const chosen = new Set([...order].slice(0, count));
    for (const [index, item] of ofClass.entries()) (chosen.has(index) ? val : train).push(item);
  }
  return { train, val };
}

/**
 * Keeps the first of equal items. Given the lists in order of importance (test, val, train), an item that is in
 * several of them stays only where it matters most: the network is never tested on what it was trained on.
 */
export function withoutDuplicates<T extends Labelled>(
  lists: readonly (readonly T[])[],
): { kept: T[][]; dropped: { item: T; same: T }[] } {
  const seen = new Map<string, T>();
  const dropped: { item: T; same: T }[] = [];
  const kept = lists.map((items) =>
    items.filter((item) => {
      const same = seen.get(item.hash);
      if (same) dropped.push({ item, same });
      else seen.set(item.hash, item);
      return !same;
    }),
  );
  return { kept, dropped };
}

/**
 * Whole blocks (documents, neighbours) go to one side, so that what was learned of a block cannot be asked again. Blocks are taken
 * in an order drawn from the seed, each if it brings the validation set nearer to `fraction` of every class and leaves
 * texts of each class for training; then, for a class that has none yet, the block with it that disturbs least.
 * @throws {LearnerError} 'data-blocks' if no block can be set aside
 */
export function blockSplit<T extends Labelled>(
  items: readonly T[],
  blockOf: (item: T) => string,
  fraction: number,
  seed: number,
): { train: T[]; val: T[] } {
  const blocks = new Map<string, T[]>();
  for (const item of items) {
    const block = blocks.get(blockOf(item));
    if (block) block.push(item);
    else blocks.set(blockOf(item), [item]);
  }
  const total = countLabels(items);
  const chosen = countLabels([]);
  const taken = new Set<string>();
  const names = [...blocks.keys()].sort();
  const drawn = [...permutation(randomStream(seed, 'split/blocks'), names.length)].map((i) => names[i] ?? '');
  /** How far the shares of the classes would be from what is wanted; without texts left to train a class, not at all. */
  const farFrom = (counts: ReadonlyMap<number, number>): number =>
    [...total].reduce((sum, [label, all]) => {
      const count = counts.get(label) ?? 0;
      return count === all ? Infinity : sum + Math.abs(count - fraction * all);
    }, 0);
  const after = (name: string): Map<number, number> => countLabels(blocks.get(name) ?? [], chosen);
  const take = (name: string): void => {
    for (const [label, count] of after(name)) chosen.set(label, count);
    taken.add(name);
  };
  for (const name of drawn) if (farFrom(after(name)) < farFrom(chosen)) take(name);
  // A rare class may have been passed over: of the blocks that have it the one that disturbs least.
  for (const label of total.keys()) {
    if (chosen.has(label)) continue;
    const [best] = drawn
      .filter((name) => !taken.has(name) && blocks.get(name)?.some((item) => item.label === label))
      .filter((name) => farFrom(after(name)) < Infinity)
      .sort((x, y) => farFrom(after(x)) - farFrom(after(y)));
    if (best !== undefined) take(best);
  }
  if (taken.size === 0)
    throw new LearnerError({
      code: 'data-blocks',
      message: `${names.length === 1 ? 'All items are in one block' : `Each of the ${names.length} blocks has all items of a class`}, so none can be set aside for validation.`,
      remedy: 'Make the blocks smaller, or name another column for them.',
    });
  return {
    train: items.filter((item) => !taken.has(blockOf(item))),
    val: items.filter((item) => taken.has(blockOf(item))),
  };
}

function countLabels(
  items: readonly Labelled[],
  onTopOf: ReadonlyMap<number, number> = new Map(),
): Map<number, number> {
  const counts = new Map(onTopOf);
  for (const { label } of items) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}
