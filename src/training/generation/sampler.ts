import { LearnerError } from '../../protocol/errors';
import { requireSettings } from './check-settings';
import { Distribution } from './distribution';
import { processors } from './processors';
import type { ProcessStep, StepContext } from './processors/processor';
import type { CompleteSettings, GenerationSettings } from './settings';

export type { StepContext } from './processors/processor';

/** A learner's own processor. What it may not choose has the logit -Infinity, before and after. */
export interface OwnProcessor {
  readonly name: string;
  /** The name of the processor of the table that it comes before; left out, it comes last. */
  readonly before?: string;
  /** @param logits a copy, so it may be changed and returned */
  readonly process: (logits: Float32Array, context: StepContext) => ArrayLike<number>;
}

export interface NamedStep {
  readonly name: string;
  readonly run: ProcessStep;
}

/** What these settings switch on, in order, with the learner's own in their places. */
export function chainOf(settings: CompleteSettings, own: readonly OwnProcessor[] = []): NamedStep[] {
  const names = processors.map(({ name }) => name);
  for (const { name, before } of own) {
    if (before === undefined || names.includes(before)) continue;
    throw new LearnerError({
      code: 'processor-unknown',
      message: `Your processor "${name}" is to come before "${before}", which is no processor. There are: ${names.join(', ')}.`,
      remedy: 'Name one of these, or leave `before` out: it then comes last.',
    });
  }
  const ownBefore = (place: string | undefined): NamedStep[] =>
    own.filter(({ before }) => before === place).map((one) => ({ name: one.name, run: stepOf(one) }));
  const built = processors.flatMap((processor) => {
    const run = processor.step(settings);
    return [...ownBefore(processor.name), ...(run ? [{ name: processor.name, run }] : [])];
  });
  return [...built, ...ownBefore(undefined)];
}

function stepOf({ name, process }: OwnProcessor): ProcessStep {
  return (distribution, context) => {
    distribution.load(process(distribution.scores.slice(), context), `Your processor "${name}"`);
  };
}

/** From logits to the next token. Made once for settings and a vocabulary; it keeps nothing between steps but its memory. */
export class Sampler {
  readonly settings: CompleteSettings;
  readonly chain: readonly NamedStep[];
  private readonly distribution: Distribution;

  /** @throws {LearnerError} for settings that cannot be */
  constructor(settings: GenerationSettings, vocabulary: number, own: readonly OwnProcessor[] = []) {
    this.settings = requireSettings(settings);
    this.chain = chainOf(this.settings, own);
    this.distribution = new Distribution(vocabulary);
  }

  /**
   * What may come next. It is the same object each time, overwritten by the next call.
   * @param after called before the first processor (-1) and after each, by its place in the chain
   */
  process(
    logits: ArrayLike<number>,
    context: StepContext,
    after?: (distribution: Distribution, index: number) => void,
  ): Distribution {
    const { distribution, chain } = this;
    checkTokens(context, distribution.vocabulary);
    distribution.load(logits);
    after?.(distribution, -1);
    chain.forEach(({ run }, index) => {
      distribution.rescued = false;
      run(distribution, context);
      after?.(distribution, index);
    });
    return distribution;
  }
}

/**
 * The token at this place of the distribution, ordered from the most likely to the least (of equals the lower id first): a small
 * `uniform` is a likely token. Cutting the tail moves a token's place little, so the same luck stays comparable between settings.
 * @param uniform 0 <= u < 1
 */
export function draw(distribution: Distribution, uniform: number): number {
  const { scores } = distribution;
  const place = uniform * distribution.total();
  const weights = distribution.weights();
  return distribution.firstReached(
    (id) => -(scores[id] ?? 0),
    weights,
    (sum) => sum > place,
  );
}

/** ln of the probability that the model itself gives this token. */
export function logProbabilityOf(logits: ArrayLike<number>, id: number): number {
  return (logits[id] ?? NaN) - logSumExp(logits);
}

/** ln of every probability (log_softmax of torch). */
export function logProbabilities(logits: ArrayLike<number>): Float32Array {
  const logTotal = logSumExp(logits);
  return Float32Array.from(logits, (logit) => logit - logTotal);
}

function logSumExp(logits: ArrayLike<number>): number {
  let best = -Infinity;
  for (let index = 0; index < logits.length; index++) best = Math.max(best, logits[index] ?? 0);
  let sum = 0;
  for (let index = 0; index < logits.length; index++) sum += Math.exp((logits[index] ?? 0) - best);
  return best + Math.log(sum);
}

function checkTokens({ tokens }: StepContext, vocabulary: number): void {
  for (let index = 0; index < tokens.length; index++) {
    const id = tokens[index] ?? 0;
    if (Number.isInteger(id) && id >= 0 && id < vocabulary) continue;
    throw new LearnerError({
      code: 'token-not-in-vocabulary',
      message: `Token ${index + 1} of the text is ${id}; the logits are for the tokens 0 to ${vocabulary - 1}.`,
      remedy: 'Take the tokenizer that belongs to this model.',
    });
  }
}
