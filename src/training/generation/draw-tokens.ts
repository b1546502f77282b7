import { setImmediate as turn } from 'node:timers/promises';
import { LearnerError } from '../../protocol/errors';
import { requireSettings } from './check-settings';
import { luck } from './luck';
import { requireRows, type NextLogits } from './next-logits';
import { draw, logProbabilityOf, Sampler, type OwnProcessor, type StepContext } from './sampler';
import type { CompleteSettings, GenerationSettings } from './settings';

/** One text that is to be continued: a prompt, how, and which of its continuations. */
export interface TextSpec {
  readonly prompt: readonly number[];
  readonly settings: GenerationSettings;
  readonly seed: number;
  readonly continuation: number;
}

/**
 * Why a text ended: the end token, its length, a stop string (or whoever reads the tokens), a full context, or because
 * everything was cancelled.
 */
export type TextEnd = 'token' | 'length' | 'stop' | 'context' | 'cancelled';

export interface DrawOptions {
  readonly endTokenId?: number;
  /** Processors of the learner's own. */
  readonly own?: readonly OwnProcessor[];
  /** Ends all texts before the next token. */
  readonly signal?: AbortSignal;
  /** Texts that the model is asked about at once; the next begins when one ends. Default: 16. */
  readonly batchSize?: number;
  /** The text, prompt included, ends here. Without it the model sees of a longer one what fits (`contextWindow`). */
  readonly contextLength?: number;
}

/** A token that was drawn. */
export interface DrawnToken {
  /** Which of the texts. */
  readonly text: number;
  /** From 0. */
  readonly place: number;
  readonly id: number;
  /** What the model itself thought of it, before any processor. */
  readonly logProbability: number;
  /** Set with the last token of a text. */
  readonly end?: TextEnd;
  /** The model's, for whoever explains the choice (`explainStep`) with `sampler` and `context`. */
  readonly logits: ArrayLike<number>;
  readonly sampler: Sampler;
  readonly context: StepContext;
  /** No more of this text. */
  stop(): void;
}

const MOST_AT_ONCE = 16;

interface Open {
  readonly number: number;
  readonly prompt: readonly number[];
  readonly settings: CompleteSettings;
  readonly uniform: (token: number) => number;
  readonly tokens: number[];
  ended: boolean;
}

/**
 * Continues texts token by token, and gives each token as it is drawn. Token t of continuation i depends on (seed, i, t), the
 * settings and what the model says of the text so far: not on the texts beside it.
 * Between two steps the process may do other things, so a cancel takes effect before the next token.
 * @throws {LearnerError} for settings that cannot be, prompts that are too long, and logits that are none
 */
export async function* drawTokens(
  next: NextLogits,
  texts: readonly TextSpec[],
  { endTokenId, own = [], signal, batchSize = MOST_AT_ONCE, contextLength = Infinity }: DrawOptions = {},
): AsyncGenerator<DrawnToken, void> {
  for (const { prompt } of texts)
    if (prompt.length > contextLength) throw tooLong(prompt.length, contextLength);
  const all = texts.map(({ prompt, settings, seed, continuation }, number): Open => {
    const complete = requireSettings(settings);
    return {
      number,
      prompt,
      settings: complete,
      uniform: luck(seed, continuation),
      tokens: [],
      ended: false,
    };
  });
  const samplers = new Map<string, Sampler>();
  const samplerFor = (settings: CompleteSettings, vocabulary: number): Sampler => {
    const key = JSON.stringify(settings);
    const sampler = samplers.get(key) ?? new Sampler(settings, vocabulary, own);
    samplers.set(key, sampler);
    return sampler;
  };
  for (;;) {
    const open = all.filter(({ ended }) => !ended).slice(0, batchSize);
    if (open.length === 0 || signal?.aborted) return;
    const whole = open.map(({ prompt, tokens }) => [...prompt, ...tokens]);
    const rows = await next(whole);
    requireRows(rows.length, open.length);
    for (const [index, text] of open.entries()) {
      const logits = rows[index] ?? [];
      const sampler = samplerFor(text.settings, logits.length);
      const context: StepContext = {
        tokens: whole[index] ?? [],
        promptLength: text.prompt.length,
        ...(endTokenId === undefined ? {} : { endTokenId }),
      };
      const place = text.tokens.length;
      const id = draw(sampler.process(logits, context), text.uniform(place));
      text.tokens.push(id);
      const end = endOf(text, { endTokenId, contextLength });
      text.ended = end !== undefined;
      yield {
        text: text.number,
        place,
        id,
        logProbability: logProbabilityOf(logits, id),
        ...(end === undefined ? {} : { end }),
        logits,
        sampler,
        context,
        stop: () => void (text.ended = true),
      };
    }
    await turn();
  }
}

function endOf(
  { prompt, tokens, settings }: Open,
  { endTokenId, contextLength }: { readonly endTokenId: number | undefined; readonly contextLength: number },
): TextEnd | undefined {
  if (tokens.at(-1) === endTokenId && endTokenId !== undefined) return 'token';
  if (tokens.length >= settings.maxNewTokens) return 'length';
  return prompt.length + tokens.length > contextLength ? 'context' : undefined;
}

function tooLong(found: number, most: number): LearnerError {
  return new LearnerError({
    code: 'prompt-too-long',
    message: `The prompt has ${found} tokens; this model reads at most ${most}.`,
    remedy: 'Shorten the prompt, or let the context slide: the model then sees the end of it.',
  });
}
