import { LearnerError } from '../../protocol/errors';
import type { ByteLevelTokenizer } from '../tokenizing/byte-level-tokenizer';
import { drawTokens, type DrawnToken, type DrawOptions, type TextEnd, type TextSpec } from './draw-tokens';
import type { NextLogits } from './next-logits';
import { StopStrings } from './stop-strings';

/** What texts are generated with. */
export interface TextModel {
  readonly next: NextLogits;
  readonly tokenizer: ByteLevelTokenizer;
  /** The longest text that it sees. */
  readonly contextLength: number;
}

export interface TextRequest extends Omit<TextSpec, 'prompt'> {
  /** An empty one is the beginning of a text: the model continues its end-of-text token. */
  readonly prompt: string;
  /** The text ends before any of these. */
  readonly stop?: readonly string[];
}

export interface StreamOptions extends Pick<DrawOptions, 'own' | 'signal' | 'batchSize'> {
  /**
   * What happens when prompt and text have filled the context. `slide`: the model goes on seeing the end of it (`contextWindow`);
   * `stop`: the text ends, and a prompt that does not fit is refused. Default: slide.
   */
  readonly whenFull?: 'slide' | 'stop';
}

/** What came with one token. */
export interface TextEvent {
  /** Which of the requests. */
  readonly request: number;
  readonly token: DrawnToken;
  /** The characters that are certain now; often a token's own, none while a character or a stop string is unfinished. */
  readonly piece: string;
  /** Set with the last event of a text. */
  readonly end?: TextEnd;
}

/** The tokens of a request's prompt. @throws {LearnerError} 'prompt-empty' */
export function promptTokens(tokenizer: ByteLevelTokenizer, prompt: string): number[] {
  const ids = tokenizer.encode(prompt);
  if (ids.length > 0) return ids;
  if (tokenizer.endTokenId !== undefined) return [tokenizer.endTokenId];
  throw new LearnerError({
    code: 'prompt-empty',
    message: "The prompt is empty, and this model's config.json names no end-of-text token to begin with.",
    remedy: 'Give a prompt of at least one character.',
  });
}

/**
 * Continues texts and gives their characters as they come. Pieces never break a character, and joined they are the text.
 * A cancel (`signal`) takes effect before the next token; texts that it cuts off get no last event.
 * @throws {LearnerError} as `drawTokens`
 */
export async function* streamTexts(
  { next, tokenizer, contextLength }: TextModel,
  requests: readonly TextRequest[],
  { whenFull = 'slide', ...options }: StreamOptions = {},
): AsyncGenerator<TextEvent, void> {
  const specs = requests.map((request) => ({ ...request, prompt: promptTokens(tokenizer, request.prompt) }));
  const writers = requests.map(({ stop = [] }) => ({
    decoder: tokenizer.streamDecoder(),
    stops: new StopStrings(stop),
  }));
  const { endTokenId } = tokenizer;
  const tokens = drawTokens(next, specs, {
    ...options,
    ...(endTokenId === undefined ? {} : { endTokenId }),
    ...(whenFull === 'stop' ? { contextLength } : {}),
  });
  for await (const token of tokens) {
    const writer = writers[token.text];
    if (!writer) continue;
    const { decoder, stops } = writer;
    let { text, stopped } = stops.add(decoder.add(token.id));
    if (token.end !== undefined && !stopped) {
      const last = stops.add(decoder.end());
      text += last.text + (last.stopped ? '' : stops.end());
      ({ stopped } = last);
    }
    if (stopped) token.stop();
    const end = stopped ? 'stop' : token.end;
    yield { request: token.text, token, piece: text, ...(end === undefined ? {} : { end }) };
  }
}
