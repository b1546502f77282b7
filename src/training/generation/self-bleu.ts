import { mean, ngrams, type Text } from './quality';

/** Added where no n-gram fits (Chen and Cherry, 2014, method 1), as Texygen does. */
const SMOOTHING = 0.1;

/**
 * How alike texts are: BLEU of each with all others as its references, averaged (Zhu et al., 2018). 1 is all the same; lower is more
 * diverse. Compare only equal numbers of texts: more references find more that fits. NaN for fewer than two texts.
 * @param order longest n-gram
 */
export function selfBleu(texts: readonly Text[], order = 4): number {
  if (texts.length < 2) return NaN;
  return mean(bleuOfEach(texts, order));
}

/** BLEU of each text against all the others. */
export function bleuOfEach(texts: readonly Text[], order: number): number[] {
  const counted = texts.map((text) =>
    Array.from({ length: order }, (_, index) => counts(ngrams(text, index + 1))),
  );
  const highest = Array.from({ length: order }, (_, index) =>
    twoHighest(counted.map((one) => one[index] ?? new Map<string, number>())),
  );
  return texts.map((text, which) => {
    if (text.length === 0) return 0;
    let logs = 0;
    for (let index = 0; index < order; index++) {
      const mine = counted[which]?.[index] ?? new Map<string, number>();
      let fits = 0;
      for (const [gram, count] of mine) fits += Math.min(count, othersHighest(highest[index], gram, which));
      if (fits === 0 && index === 0) return 0; // not one word in common
      logs += Math.log((fits || SMOOTHING) / Math.max(1, text.length - index));
    }
    const lengths = texts.filter((_, other) => other !== which).map(({ length }) => length);
    return brevity(text.length, lengths) * Math.exp(logs / order);
  });
}

function counts(grams: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const gram of grams) found.set(gram, (found.get(gram) ?? 0) + 1);
  return found;
}

/** For each n-gram, its highest count in a text, which text that is, and the highest in any other: so all texts are read once. */
interface Highest {
  readonly which: number;
  readonly first: number;
  readonly second: number;
}

function twoHighest(counted: readonly ReadonlyMap<string, number>[]): Map<string, Highest> {
  const found = new Map<string, Highest>();
  for (const [which, one] of counted.entries()) {
    for (const [gram, count] of one) {
      const { which: holder, first, second } = found.get(gram) ?? { which: -1, first: 0, second: 0 };
      if (count > first) found.set(gram, { which, first: count, second: first });
      else if (count > second) found.set(gram, { which: holder, first, second: count });
    }
  }
  return found;
}

function othersHighest(
  highest: ReadonlyMap<string, Highest> | undefined,
  gram: string,
  which: number,
): number {
  const found = highest?.get(gram);
  if (!found) return 0;
  return found.which === which ? found.second : found.first;
}

/** Below 1 for a text that is shorter than the reference nearest to it in length (of two as near, the shorter). */
function brevity(length: number, references: readonly number[]): number {
  const nearest = references.reduce((best, other) => {
    const closer = Math.abs(other - length) - Math.abs(best - length);
    return closer < 0 || (closer === 0 && other < best) ? other : best;
  });
  return length > nearest ? 1 : Math.exp(1 - nearest / length);
}
