import { requireSettings } from './check-settings';
import { luck } from './luck';
import { requireRows, type NextLogits } from './next-logits';
import { draw, logProbabilityOf, Sampler, type OwnProcessor } from './sampler';
import type { GenerationSettings } from './settings';

export interface GenerateOptions {
  readonly seed: number;
  /** Numbers of the continuations: [0, 1, 2] gives three; [2] gives the third of them again, alone. */
  readonly continuations: readonly number[];
  readonly endTokenId?: number;
  /** Processors of the learner's own. */
  readonly own?: readonly OwnProcessor[];
}

export interface Continuation {
  readonly number: number;
  /** Without the prompt, with the end token. */
  readonly tokens: readonly number[];
  /** What the model itself thought of each token, before any processor: for perplexity. */
  readonly logProbabilities: readonly number[];
  readonly end: 'token' | 'length';
}

/**
 * Continues a prompt by drawing token after token (or greedily, at temperature 0). Each continuation has its own luck, so it is
 * the same text whatever others are made beside it.
 * @throws {LearnerError} for settings that cannot be, and logits that are none
 */
export async function generate(
  next: NextLogits,
  prompt: readonly number[],
  settings: GenerationSettings,
  { seed, continuations, endTokenId, own = [] }: GenerateOptions,
): Promise<Continuation[]> {
  requireSettings(settings);
  const texts = continuations.map((number) => ({
    number,
    uniform: luck(seed, number),
    tokens: [] as number[],
    logProbabilities: [] as number[],
    end: undefined as Continuation['end'] | undefined,
  }));
  let sampler: Sampler | undefined;
  for (;;) {
    const open = texts.filter(({ end }) => end === undefined);
    if (open.length === 0) break;
    const rows = await next(open.map(({ tokens }) => [...prompt, ...tokens]));
    requireRows(rows.length, open.length);
    for (const [index, text] of open.entries()) {
      const logits = rows[index] ?? [];
      sampler ??= new Sampler(settings, logits.length, own);
      const distribution = sampler.process(logits, {
        tokens: [...prompt, ...text.tokens],
        promptLength: prompt.length,
        ...(endTokenId === undefined ? {} : { endTokenId }),
      });
      const id = draw(distribution, text.uniform(text.tokens.length));
      text.tokens.push(id);
      text.logProbabilities.push(logProbabilityOf(logits, id));
      if (id === endTokenId) text.end = 'token';
      else if (text.tokens.length >= sampler.settings.maxNewTokens) text.end = 'length';
    }
  }
  return texts.map(({ number, tokens, logProbabilities, end }) => ({
    number,
    tokens,
    logProbabilities,
    end: end ?? 'length',
  }));
}
