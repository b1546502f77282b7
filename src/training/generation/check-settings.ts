import { LearnerError, type Problem } from '../../protocol/errors';
import {
  complete,
  NEUTRAL,
  settingNames,
  type CompleteSettings,
  type GenerationSettings,
  type SettingName,
} from './settings';

export interface Finding {
  /** A refused setting ends a run before it begins; a remark says what will not do what it seems to. */
  readonly kind: 'refused' | 'remark';
  readonly settings: readonly string[];
  readonly problem: Problem;
}

/** What is known of the model and the text, where it is known. */
export interface Surroundings {
  readonly vocabulary?: number;
  readonly endTokenId?: number;
}

/** Everything there is to say about these settings, before a run. Pure. */
export function checkSettings(settings: GenerationSettings, surroundings: Surroundings = {}): Finding[] {
  const refused = [
    ...unknownNames(settings),
    ...settingNames.flatMap((name) => outOfRange(name, settings[name])),
  ];
  // Remarks about impossible values would only confuse.
  return refused.length > 0 ? refused : remarks(complete(settings), surroundings);
}

/** @throws {LearnerError} with the first refused setting */
export function requireSettings(settings: GenerationSettings): CompleteSettings {
  const refused = checkSettings(settings).find(({ kind }) => kind === 'refused');
  if (refused) throw new LearnerError(refused.problem);
  return complete(settings);
}

interface Range {
  readonly words: string;
  readonly holds: (value: number) => boolean;
  readonly remedy: string;
}

const share = (value: number): boolean => value >= 0 && value <= 1;
const counting = (from: number) => (value: number) => Number.isInteger(value) && value >= from;
const finite = (value: number): boolean => Number.isFinite(value);

const RANGES: Readonly<Record<SettingName, Range>> = {
  temperature: {
    words: '0 (greedy), or from 0.0001 up',
    holds: (value) => value === 0 || (value >= 1e-4 && finite(value)),
    remedy: 'Take 0 for the best token each time, below 1 for less variety, above 1 for more.',
  },
  topK: {
    words: 'a whole number from 0 up',
    holds: counting(0),
    remedy: 'Take 0 to keep all tokens, or a number such as 40.',
  },
  topP: {
    words: 'from 0 to 1',
    holds: share,
    remedy: 'Take 1 to keep all tokens, or a share such as 0.95 (95 %).',
  },
  minP: { words: 'from 0 to 1', holds: share, remedy: 'Take 0 to keep all tokens, or a share such as 0.05.' },
  typicalP: {
    words: 'above 0, up to 1',
    holds: (value) => value > 0 && value <= 1,
    remedy: 'Take 1 to keep all tokens, or a share such as 0.95.',
  },
  epsilonCutoff: {
    words: 'from 0 to below 1',
    holds: (value) => value >= 0 && value < 1,
    remedy: 'Take 0 to keep all tokens, or a small probability such as 0.0003.',
  },
  etaCutoff: {
    words: 'from 0 to below 1',
    holds: (value) => value >= 0 && value < 1,
    remedy: 'Take 0 to keep all tokens, or a small probability such as 0.0006.',
  },
  repetitionPenalty: {
    words: 'above 0',
    holds: (value) => value > 0 && finite(value),
    remedy: 'Take 1 for no penalty, or a little more, such as 1.2.',
  },
  presencePenalty: {
    words: 'a number',
    holds: finite,
    remedy: 'Take 0 for no penalty, or a number up to 2.',
  },
  frequencyPenalty: {
    words: 'a number',
    holds: finite,
    remedy: 'Take 0 for no penalty, or a number up to 2.',
  },
  noRepeatNgramSize: {
    words: 'a whole number from 0 up',
    holds: counting(0),
    remedy: 'Take 0 to allow repetition, or 3 so that no three tokens come twice.',
  },
  minLength: { words: 'a whole number from 0 up', holds: counting(0), remedy: 'Take a number of tokens.' },
  maxNewTokens: {
    words: 'a whole number from 1 up',
    holds: counting(1),
    remedy: 'Take a number of tokens, such as 50.',
  },
  numBeams: {
    words: 'a whole number from 1 up',
    holds: counting(1),
    remedy: 'Take 1 for no beam search, or a few, such as 4.',
  },
  lengthPenalty: { words: 'a number', holds: finite, remedy: 'Take 1, or 0 to ignore length.' },
};

function outOfRange(name: SettingName, value: number | undefined): Finding[] {
  if (value === undefined) return [];
  const { words, holds, remedy } = RANGES[name];
  if (typeof value === 'number' && holds(value)) return [];
  // JavaScript may put anything here.
  const found = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return [
    {
      kind: 'refused',
      settings: [name],
      problem: { code: 'setting-out-of-range', message: `${name} is ${found}; it must be ${words}.`, remedy },
    },
  ];
}

/** Letters alone, so that top_p and TopP find topP. */
const bare = (name: string): string => name.replace(/[^a-z]/gi, '').toLowerCase();

/** Other libraries' names for what we have. */
const ALIASES: Readonly<Record<string, SettingName>> = {
  beams: 'numBeams',
  typical: 'typicalP',
  minnewtokens: 'minLength',
  maxtokens: 'maxNewTokens',
  maxlength: 'maxNewTokens',
};

function unknownNames(settings: GenerationSettings): Finding[] {
  return Object.keys(settings)
    .filter((name) => !(name in NEUTRAL))
    .map((name) => {
      const meant = settingNames.find((known) => bare(known) === bare(name)) ?? ALIASES[bare(name)];
      return {
        kind: 'refused',
        settings: [name],
        problem: {
          code: 'setting-unknown',
          message: `There is no setting "${name}". There are: ${settingNames.join(', ')}.`,
          remedy: meant ? `Write ${meant}.` : 'Take one of these names.',
        },
      };
    });
}

/** The settings that thin out the distribution, but not temperature. */
const CUTS = ['topK', 'topP', 'minP', 'typicalP', 'epsilonCutoff', 'etaCutoff'] as const;

function remarks(settings: CompleteSettings, { vocabulary, endTokenId }: Surroundings): Finding[] {
  const isSet = (name: SettingName): boolean => settings[name] !== NEUTRAL[name];
  const cuts = CUTS.filter(isSet);
  const found: Finding[] = [];
  const say = (code: string, names: readonly SettingName[], message: string, remedy: string): void => {
    found.push({ kind: 'remark', settings: names, problem: { code, message, remedy } });
  };
  const list = (names: readonly SettingName[]): string =>
    names.map((name) => `${name} ${settings[name]}`).join(', ');

  const beams = settings.numBeams > 1;
  const luckless = [...(isSet('temperature') ? (['temperature'] as const) : []), ...cuts];
  if (beams && luckless.length > 0)
    say(
      'beams-do-not-sample',
      ['numBeams', ...luckless],
      `numBeams ${settings.numBeams} searches for the likeliest text and draws nothing; ${list(luckless)} will have no effect.`,
      'Choose one: numBeams 1 to sample, or numBeams alone.',
    );
  if (!beams && settings.temperature === 0)
    say(
      'temperature-zero-is-greedy',
      ['temperature', ...cuts],
      `temperature 0 takes the best token each time: every seed gives the same text${cuts.length > 0 ? `, and ${list(cuts)} will have no effect` : ''}.`,
      'Take a temperature above 0 if texts are to differ.',
    );
  if (!beams && settings.temperature !== 0) {
    const single = cuts.filter(
      (name) =>
        (name === 'topK' && settings.topK === 1) ||
        (name === 'topP' && settings.topP === 0) ||
        (name === 'minP' && settings.minP === 1),
    );
    if (single.length > 0)
      say(
        'cut-to-one',
        single,
        `${list(single)} leaves the best token alone (with its ties): every seed gives the same text.`,
        'Keep more tokens if texts are to differ.',
      );
  }
  if (!beams && isSet('lengthPenalty'))
    say(
      'length-penalty-without-beams',
      ['lengthPenalty', 'numBeams'],
      `lengthPenalty ${settings.lengthPenalty} weighs the texts of a beam search; with numBeams 1 there is none.`,
      'Set numBeams to 2 or more, or leave lengthPenalty out.',
    );
  if (vocabulary !== undefined && settings.topK >= vocabulary)
    say(
      'top-k-keeps-all',
      ['topK'],
      `topK ${settings.topK} keeps everything: the vocabulary has ${vocabulary} tokens.`,
      'Take a smaller topK, or 0 to say that all are kept.',
    );
  if (isSet('etaCutoff') && settings.epsilonCutoff >= settings.etaCutoff)
    say(
      'eta-behind-epsilon',
      ['epsilonCutoff', 'etaCutoff'],
      `etaCutoff ${settings.etaCutoff} never drops more than epsilonCutoff ${settings.epsilonCutoff} has dropped before it.`,
      'Take one of the two, or an etaCutoff above epsilonCutoff.',
    );
  if (settings.repetitionPenalty < 1 && (settings.presencePenalty > 0 || settings.frequencyPenalty > 0))
    say(
      'penalties-oppose',
      ['repetitionPenalty', 'presencePenalty', 'frequencyPenalty'],
      `repetitionPenalty ${settings.repetitionPenalty} makes repetition likelier; the other penalties make it less likely.`,
      'Take a repetitionPenalty of 1 or more.',
    );
  if (settings.minLength > settings.maxNewTokens)
    say(
      'min-length-over-max',
      ['minLength', 'maxNewTokens'],
      `minLength ${settings.minLength} is never reached: a text ends after maxNewTokens ${settings.maxNewTokens}.`,
      'Take a larger maxNewTokens or a smaller minLength.',
    );
  if (settings.minLength > 0 && endTokenId === undefined && vocabulary !== undefined)
    say(
      'min-length-without-end',
      ['minLength'],
      `minLength ${settings.minLength} bars the end token; this model has none, so it has no effect.`,
      'Leave minLength out.',
    );
  if (settings.noRepeatNgramSize === 1 && isSet('repetitionPenalty'))
    say(
      'ban-behind-penalty',
      ['noRepeatNgramSize', 'repetitionPenalty'],
      `noRepeatNgramSize 1 bars every token seen so far, so repetitionPenalty ${settings.repetitionPenalty} has nothing left to act on.`,
      'Take one of the two; a noRepeatNgramSize of 3 or more bars only longer repetitions.',
    );
  return found;
}
