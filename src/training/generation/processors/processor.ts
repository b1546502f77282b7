import type { Distribution } from '../distribution';
import type { CompleteSettings } from '../settings';

/** Where in the text a step stands. */
export interface StepContext {
  /** The prompt and what was generated so far, without padding. */
  readonly tokens: ArrayLike<number>;
  /** How many of them are the prompt. */
  readonly promptLength: number;
  /** The token that ends a text, if there is one. */
  readonly endTokenId?: number;
}

/** Changes scores or takes tokens out, in place. */
export type ProcessStep = (distribution: Distribution, context: StepContext) => void;

/** One processor of the table: it sees its settings and the distribution that the one before left. */
export interface Processor {
  readonly name: string;
  /** Undefined where the settings switch it off. */
  step(settings: CompleteSettings): ProcessStep | undefined;
}
