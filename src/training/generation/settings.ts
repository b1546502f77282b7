/** How a text is continued. Every setting is optional; left out, it changes nothing (unlike `generate` of transformers, whose topK is 50). */
export interface GenerationSettings {
  /** Divides the logits: below 1 the likely gets likelier, above 1 the unlikely does. 0 takes the best token each time (greedy). */
  readonly temperature?: number;
  /** Keeps the k most likely tokens, and all that tie with the last of them; 0 is off. Fan et al. (2018). */
  readonly topK?: number;
  /** Keeps the fewest most likely tokens whose probabilities reach p (the nucleus); 1 is off. Holtzman et al. (2020). */
  readonly topP?: number;
  /** Drops tokens that are less likely than this share of the likeliest; 0 is off. Nguyen et al. (2024). */
  readonly minP?: number;
  /** Keeps the tokens whose surprise is nearest to the average one, until they reach this probability; 1 is off. Meister et al. (2023). */
  readonly typicalP?: number;
  /** Drops tokens that are less likely than this; 0 is off. Hewitt et al. (2022). */
  readonly epsilonCutoff?: number;
  /** The same, with a limit that sinks where the model is unsure; 0 is off. Hewitt et al. (2022). */
  readonly etaCutoff?: number;
  /** Divides the positive logits of all tokens seen, the prompt's too, and multiplies the negative ones; 1 is off. Keskar et al. (2019). */
  readonly repetitionPenalty?: number;
  /** Subtracted once from the logit of each token that the continuation has; 0 is off. */
  readonly presencePenalty?: number;
  /** Subtracted for each time that the continuation has the token; 0 is off. */
  readonly frequencyPenalty?: number;
  /** No sequence of n tokens comes twice, the prompt included; 0 is off. Paulus et al. (2018). */
  readonly noRepeatNgramSize?: number;
  /** The end token is barred until the continuation has this many tokens (min_new_tokens of transformers). */
  readonly minLength?: number;
  /** The continuation ends here even without an end token (max_new_tokens of transformers). */
  readonly maxNewTokens?: number;
  /** Continuations that beam search follows at once; 1 is off. */
  readonly numBeams?: number;
  /** Beam search divides the summed log-probability by length^this: above 0 longer continuations gain. */
  readonly lengthPenalty?: number;
}

export type CompleteSettings = Required<GenerationSettings>;
export type SettingName = keyof GenerationSettings;

/** The settings that change nothing. */
export const NEUTRAL: CompleteSettings = {
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  typicalP: 1,
  epsilonCutoff: 0,
  etaCutoff: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  noRepeatNgramSize: 0,
  minLength: 0,
  maxNewTokens: 20,
  numBeams: 1,
  lengthPenalty: 1,
};

export const settingNames = Object.keys(NEUTRAL) as SettingName[];

/** With the neutral value for all that is left out. */
export function complete(settings: GenerationSettings): CompleteSettings {
  return Object.fromEntries(
    settingNames.map((name) => [name, settings[name] ?? NEUTRAL[name]]),
  ) as unknown as CompleteSettings;
}
