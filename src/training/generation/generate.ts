import { drawTokens, type DrawOptions, type TextEnd, type TextSpec } from './draw-tokens';
import type { NextLogits } from './next-logits';
import type { GenerationSettings } from './settings';

export interface GenerateOptions extends DrawOptions {
  readonly seed: number;
  /** Numbers of the continuations: [0, 1, 2] gives three; [2] gives the third of them again, alone. */
  readonly continuations: readonly number[];
}

export interface Continuation {
  readonly number: number;
  /** Without the prompt, with the end token. */
  readonly tokens: readonly number[];
  /** What the model itself thought of each token, before any processor: for perplexity. */
  readonly logProbabilities: readonly number[];
  readonly end: TextEnd;
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
  { seed, continuations, ...options }: GenerateOptions,
): Promise<Continuation[]> {
  const specs = continuations.map((continuation): TextSpec => ({ prompt, settings, seed, continuation }));
  return generateAll(next, specs, options);
}

interface Made extends Continuation {
  readonly tokens: number[];
  readonly logProbabilities: number[];
  end: TextEnd;
}

/** Continues texts of any prompts, settings and seeds beside each other. The results are in the order of the texts. */
export async function generateAll(
  next: NextLogits,
  texts: readonly TextSpec[],
  options: DrawOptions = {},
): Promise<Continuation[]> {
  const made = texts.map(({ continuation }): Made => ({
    number: continuation,
    tokens: [],
    logProbabilities: [],
    end: 'cancelled',
  }));
  for await (const { text, id, logProbability, end } of drawTokens(next, texts, options)) {
    const one = made[text];
    one?.tokens.push(id);
    one?.logProbabilities.push(logProbability);
    if (one && end) one.end = end;
  }
  return made;
}
