import type { Distribution } from './distribution';
import type { Sampler, StepContext } from './sampler';

export interface TokenChange {
  readonly id: number;
  /** Probability before and after this processor; 0 where it is cut. */
  readonly before: number;
  readonly after: number;
}

/** What one processor did. */
export interface ProcessorReport {
  readonly name: string;
  readonly kept: number;
  readonly cut: number;
  /** Probability, before this processor, of all that it cut. */
  readonly cutMass: number;
  /** It would have left nothing, so the best token stayed. */
  readonly rescued: boolean;
  readonly entropyBits: number;
  /** The likeliest tokens, of before and of after, most likely (before) first. */
  readonly top: readonly TokenChange[];
  /** The likeliest of those it cut. */
  readonly topCut: readonly { readonly id: number; readonly before: number }[];
}

export interface StepExplanation {
  readonly vocabulary: number;
  /** Of the model's own distribution. */
  readonly entropyBits: number;
  readonly processors: readonly ProcessorReport[];
  /** After all processors. */
  readonly kept: number;
  /** The model's own probability of all tokens that are no longer in. */
  readonly cutMass: number;
  readonly chosen?: {
    readonly id: number;
    /** 1 is the most likely; of equals the lower id first. */
    readonly rankBefore: number;
    /** Undefined for a token that was cut. */
    readonly rankAfter: number | undefined;
    readonly probabilityBefore: number;
    readonly probabilityAfter: number;
  };
}

/**
 * What each processor did to the next token's distribution, in a few dozen numbers. The sampler's distribution is afterwards the
 * processed one.
 * @param top how many tokens are told per processor
 */
export function explainStep(
  sampler: Sampler,
  logits: ArrayLike<number>,
  context: StepContext,
  chosen?: number,
  top = 10,
): StepExplanation {
  const reports: ProcessorReport[] = [];
  let raw: Float64Array = new Float64Array();
  let rawBits = 0;
  let before: Float64Array = raw;
  const processed = sampler.process(logits, context, (distribution, index) => {
    const after = probabilities(distribution);
    if (index < 0) {
      raw = after;
      rawBits = distribution.entropy() / Math.LN2;
    } else {
      reports.push(report(sampler.chain[index]?.name ?? '', distribution, before, after, top));
    }
    before = after;
  });
  return {
    vocabulary: processed.vocabulary,
    entropyBits: rawBits,
    processors: reports,
    kept: processed.count,
    cutMass: massOf(raw, (id) => !processed.isIn(id)),
    ...(chosen === undefined
      ? {}
      : {
          chosen: {
            id: chosen,
            rankBefore: rank(logits, chosen),
            rankAfter: processed.isIn(chosen) ? rank(processed.scores, chosen) : undefined,
            probabilityBefore: raw[chosen] ?? 0,
            probabilityAfter: processed.probability(chosen),
          },
        }),
  };
}

function report(
  name: string,
  distribution: Distribution,
  before: Float64Array,
  after: Float64Array,
  top: number,
): ProcessorReport {
  const wasIn = (id: number): boolean => (before[id] ?? -1) >= 0;
  const isCut = (id: number): boolean => wasIn(id) && !distribution.isIn(id);
  let cut = 0;
  for (let id = 0; id < before.length; id++) if (isCut(id)) cut++;
  const told = new Set([...highest(before, top), ...highest(after, top)]);
  return {
    name,
    kept: distribution.count,
    cut,
    cutMass: massOf(before, isCut),
    rescued: distribution.rescued,
    entropyBits: distribution.entropy() / Math.LN2,
    top: [...told]
      .map((id) => ({ id, before: Math.max(0, before[id] ?? 0), after: Math.max(0, after[id] ?? 0) }))
      .sort((a, b) => b.before - a.before || a.id - b.id),
    topCut: cut === 0 ? [] : highest(before, top, isCut).map((id) => ({ id, before: before[id] ?? 0 })),
  };
}

/** By id; -1 for what is out, as 0 may be the probability of something that is in. */
function probabilities(distribution: Distribution): Float64Array {
  const values = new Float64Array(distribution.vocabulary).fill(-1);
  const weights = distribution.weights();
  const total = distribution.total();
  for (let index = 0; index < distribution.count; index++) {
    const id = distribution.ids[index] ?? 0;
    values[id] = (weights[id] ?? 0) / total;
  }
  return values;
}

/** The ids of the `count` highest values, highest first; of equals the lower id first. What is below 0 is left out. */
function highest(
  values: Float64Array,
  count: number,
  counts: (id: number) => boolean = () => true,
): number[] {
  const best: number[] = [];
  for (let id = 0; id < values.length; id++) {
    const value = values[id] ?? -1;
    if (value < 0 || (best.length === count && value <= (values[best[count - 1] ?? 0] ?? 0)) || !counts(id))
      continue;
    let place = best.length;
    while (place > 0 && (values[best[place - 1] ?? 0] ?? 0) < value) place--;
    best.splice(place, 0, id);
    if (best.length > count) best.pop();
  }
  return best;
}

function massOf(values: Float64Array, counts: (id: number) => boolean): number {
  let sum = 0;
  for (let id = 0; id < values.length; id++) {
    const value = values[id] ?? 0;
    if (value > 0 && counts(id)) sum += value;
  }
  return sum;
}

function rank(scores: ArrayLike<number>, id: number): number {
  const score = scores[id] ?? -Infinity;
  let before = 0;
  for (let other = 0; other < scores.length; other++) {
    const value = scores[other] ?? -Infinity;
    if (value > score || (value === score && other < id)) before++;
  }
  return before + 1;
}
