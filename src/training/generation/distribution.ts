import { LearnerError } from '../../protocol/errors';
import { Crossing } from './crossing';

const MAX_FLOAT32 = 3.4028234663852886e38;

/**
 * The scores of one step while processors work on them, and which tokens are still in. Made once for a vocabulary and loaded
 * for every token, so a step allocates nothing. A token that is out has the score -Infinity.
 */
export class Distribution {
  /** By token id. Changed by `write`. */
  readonly scores: Float32Array;
  /** The tokens that are in: the first `count`, rising. */
  readonly ids: Int32Array;
  count = 0;
  /** A processor wanted to remove all tokens, and the best one was kept instead. */
  rescued = false;
  private readonly exponentials: Float64Array;
  private readonly keys: Float64Array;
  private readonly crossing: Crossing;
  private reference = 0;
  private ready = false;
  private sum = NaN;
  /** What `best` found; -1 while it is not known. */
  private bestId = -1;

  constructor(readonly vocabulary: number) {
    this.scores = new Float32Array(vocabulary);
    this.ids = new Int32Array(vocabulary);
    this.exponentials = new Float64Array(vocabulary);
    this.keys = new Float64Array(vocabulary);
    this.crossing = new Crossing(vocabulary);
  }

  /** @param from who made them, for the error: 'The model', 'Your processor "calm"' */
  load(logits: ArrayLike<number>, from = 'The model'): void {
    const { scores, ids, vocabulary } = this;
    if (logits.length !== vocabulary) throw wrongLength(from, logits.length, vocabulary);
    let count = 0;
    for (let id = 0; id < vocabulary; id++) {
      const logit = logits[id] ?? 0;
      scores[id] = logit;
      if (logit > -Infinity && logit < Infinity) ids[count++] = id;
      else if (logit !== -Infinity) throw notFinite(from, id, logit);
    }
    if (count === 0) throw noToken(from);
    this.count = count;
    this.changed();
  }

  /** A new score for a token that is in; one that is out stays out. Scores beyond float32 become its largest. */
  write(id: number, score: number): void {
    if (this.isIn(id)) this.scores[id] = Math.max(-MAX_FLOAT32, Math.min(MAX_FLOAT32, score));
    this.changed();
  }

  /** Divides all scores. */
  divide(by: number): void {
    const { scores, ids, count } = this;
    for (let index = 0; index < count; index++) {
      const id = ids[index] ?? 0;
      scores[id] = Math.max(-MAX_FLOAT32, Math.min(MAX_FLOAT32, (scores[id] ?? 0) / by));
    }
    this.changed();
  }

  /** Probabilities are to be computed again. */
  private changed(): void {
    this.ready = false;
    this.sum = NaN;
    this.bestId = -1;
  }

  /** exp(score - reference), by id, of the tokens that are in. */
  weights(): Float64Array {
    if (!this.ready) {
      const { scores, ids, count, exponentials } = this;
      this.reference = scores[this.best()] ?? 0;
      let sum = 0;
      for (let index = 0; index < count; index++) {
        const id = ids[index] ?? 0;
        const weight = Math.exp((scores[id] ?? 0) - this.reference);
        exponentials[id] = weight;
        sum += weight;
      }
      this.sum = sum;
      this.ready = true;
    }
    return this.exponentials;
  }

  /** Sum of the weights of the tokens that are in. */
  total(): number {
    const weights = this.weights();
    if (Number.isNaN(this.sum)) {
      let sum = 0;
      for (let index = 0; index < this.count; index++) sum += weights[this.ids[index] ?? 0] ?? 0;
      this.sum = sum;
    }
    return this.sum;
  }

  isIn(id: number): boolean {
    return (this.scores[id] ?? -Infinity) > -Infinity;
  }

  probability(id: number): number {
    return this.isIn(id) ? (this.weights()[id] ?? 0) / this.total() : 0;
  }

  /** In nats; -Infinity for a token that is out. */
  logProbability(id: number): number {
    const logTotal = Math.log(this.total());
    return (this.scores[id] ?? -Infinity) - this.reference - logTotal;
  }

  /** In nats. */
  entropy(): number {
    const { scores, ids, count } = this;
    const weights = this.weights();
    let sum = 0;
    for (let index = 0; index < count; index++) {
      const id = ids[index] ?? 0;
      const weight = weights[id] ?? 0;
      if (weight > 0) sum += weight * ((scores[id] ?? 0) - this.reference);
    }
    // Rounding must not make it negative.
    return Math.max(0, Math.log(this.total()) - sum / this.total());
  }

  /** The most likely token; of equals the one with the lowest id. */
  best(): number {
    if (this.bestId >= 0) return this.bestId;
    let best = this.ids[0] ?? 0;
    for (let index = 1; index < this.count; index++) {
      const id = this.ids[index] ?? 0;
      if ((this.scores[id] ?? 0) > (this.scores[best] ?? 0)) best = id;
    }
    this.bestId = best;
    return best;
  }

  /** Takes out every token for which `stays` is false. @returns how many stayed; a cut leaves at least one */
  keep(stays: (id: number) => boolean): number {
    const { ids, scores, count } = this;
    let kept = 0;
    for (let index = 0; index < count; index++) {
      const id = ids[index] ?? 0;
      if (stays(id)) ids[kept++] = id;
      else scores[id] = -Infinity;
    }
    this.count = kept;
    this.sum = NaN;
    if (!this.isIn(this.bestId)) this.bestId = -1;
    return kept;
  }

  keepOnly(only: number): void {
    this.keep((id) => id === only);
  }

  /** Takes these out; if no token were left, the best of them stays. */
  ban(banned: Iterable<number>): void {
    const { scores } = this;
    let best = -1;
    let bestScore = -Infinity;
    let removed = false;
    for (const id of banned) {
      if (!this.isIn(id)) continue;
      removed = true;
      const score = scores[id] ?? -Infinity;
      if (score > bestScore || (score === bestScore && id < best)) [best, bestScore] = [id, score];
      scores[id] = -Infinity;
    }
    if (!removed) return;
    if (this.keep((id) => (scores[id] ?? -Infinity) > -Infinity) === 0) {
      this.rescued = true;
      scores[best] = bestScore;
      this.ids[0] = best;
      this.count = 1;
    }
    this.changed();
  }

  /**
   * The token at which, in this order, the running sum is first `reached`.
   * @param key smaller comes first
   * @param masses what each token adds, by id; without them, 1
   */
  firstReached(
    key: (id: number) => number,
    masses: Float64Array | undefined,
    reached: (sum: number) => boolean,
    higherIdFirst = false,
  ): number {
    const { ids, keys, count } = this;
    for (let index = 0; index < count; index++) keys[index] = key(ids[index] ?? 0);
    const walk = { keys, ids, count, higherIdFirst, ...(masses ? { masses } : {}) };
    return ids[this.crossing.find(walk, reached)] ?? 0;
  }
}

function wrongLength(from: string, found: number, vocabulary: number): LearnerError {
  return new LearnerError({
    code: 'logits-wrong-length',
    message: `${from} gave ${found} logits; the vocabulary has ${vocabulary} tokens.`,
    remedy: 'Return one logit for every token of the vocabulary, in the order of the ids.',
  });
}

function notFinite(from: string, id: number, logit: number): LearnerError {
  return new LearnerError({
    code: 'logits-not-finite',
    message: `${from} gave the logit ${logit} for token ${id}; a logit is a number, or -Infinity for a token that must not come.`,
    remedy: Number.isNaN(logit)
      ? 'Look for a division by zero or a training run whose loss became NaN.'
      : 'To force a token, give all others -Infinity.',
  });
}

function noToken(from: string): LearnerError {
  return new LearnerError({
    code: 'logits-without-token',
    message: `${from} gave -Infinity for every token; at least one must be possible.`,
    remedy: 'Leave at least one token a finite logit.',
  });
}
