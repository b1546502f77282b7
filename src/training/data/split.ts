import { permutation, randomStream } from '../random';

export interface Labelled {
  readonly file: string;
  readonly label: number;
  /** sha256 of the file's bytes. */
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
 * Keeps the first of equal pictures. Given the lists in order of importance (test, val, train), a picture that is in
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
