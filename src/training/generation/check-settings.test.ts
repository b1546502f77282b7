import { describe, expect, it } from 'vitest';
import { checkSettings, requireSettings } from './check-settings';
import { complete, NEUTRAL, type GenerationSettings } from './settings';

const codes = (settings: GenerationSettings, surroundings = {}): string[] =>
  checkSettings(settings, surroundings).map(({ problem }) => problem.code);

describe('settings that cannot be', () => {
  it.each<[GenerationSettings, string]>([
    [{ temperature: -1 }, 'temperature is -1; it must be 0 (greedy), or from 0.0001 up.'],
    [{ temperature: NaN }, 'temperature is NaN; it must be 0 (greedy), or from 0.0001 up.'],
    [{ temperature: 1e-9 }, 'temperature is 1e-9; it must be 0 (greedy), or from 0.0001 up.'],
    [{ topP: 1.5 }, 'topP is 1.5; it must be from 0 to 1.'],
    [{ topP: 95 }, 'topP is 95; it must be from 0 to 1.'],
    [{ topP: -0.1 }, 'topP is -0.1; it must be from 0 to 1.'],
    [{ topK: 2.5 }, 'topK is 2.5; it must be a whole number from 0 up.'],
    [{ topK: -1 }, 'topK is -1; it must be a whole number from 0 up.'],
    [{ minP: 1.01 }, 'minP is 1.01; it must be from 0 to 1.'],
    [{ typicalP: 0 }, 'typicalP is 0; it must be above 0, up to 1.'],
    [{ epsilonCutoff: 1 }, 'epsilonCutoff is 1; it must be from 0 to below 1.'],
    [{ etaCutoff: -1 }, 'etaCutoff is -1; it must be from 0 to below 1.'],
    [{ repetitionPenalty: 0 }, 'repetitionPenalty is 0; it must be above 0.'],
    [{ presencePenalty: Infinity }, 'presencePenalty is Infinity; it must be a number.'],
    [{ noRepeatNgramSize: -2 }, 'noRepeatNgramSize is -2; it must be a whole number from 0 up.'],
    [{ numBeams: 0 }, 'numBeams is 0; it must be a whole number from 1 up.'],
    [{ maxNewTokens: 0 }, 'maxNewTokens is 0; it must be a whole number from 1 up.'],
    [JSON.parse('{ "topP": "0.9" }') as GenerationSettings, 'topP is "0.9"; it must be from 0 to 1.'],
    [
      JSON.parse('{ "topK": null }') as GenerationSettings,
      'topK is null; it must be a whole number from 0 up.',
    ],
  ])('are refused: %j', (settings, message) => {
    const [finding, ...others] = checkSettings(settings);
    expect(finding).toMatchObject({ kind: 'refused', problem: { message } });
    expect(finding?.problem.remedy).toMatch(/^Take /);
    expect(others).toEqual([]);
    expect(() => requireSettings(settings)).toThrow(message);
  });

  it('with a name that other libraries use are told ours', () => {
    const python = JSON.parse('{ "top_p": 0.9, "min_new_tokens": 3, "hotness": 1 }') as GenerationSettings;
    expect(checkSettings(python).map(({ problem }) => problem.remedy)).toEqual([
      'Write topP.',
      'Write minLength.',
      'Take one of these names.',
    ]);
  });
});

describe('settings that do not do what they seem to', () => {
  it.each<[GenerationSettings, string]>([
    [{ temperature: 0 }, 'temperature-zero-is-greedy'],
    [{ topK: 1 }, 'cut-to-one'],
    [{ topP: 0 }, 'cut-to-one'],
    [{ minP: 1 }, 'cut-to-one'],
    [{ numBeams: 4, topP: 0.9 }, 'beams-do-not-sample'],
    [{ numBeams: 4, temperature: 0 }, 'beams-do-not-sample'],
    [{ lengthPenalty: 2 }, 'length-penalty-without-beams'],
    [{ topK: 5000 }, 'top-k-keeps-all'],
    [{ epsilonCutoff: 0.01, etaCutoff: 0.002 }, 'eta-behind-epsilon'],
    [{ repetitionPenalty: 0.9, presencePenalty: 1 }, 'penalties-oppose'],
    [{ minLength: 30 }, 'min-length-over-max'],
    [{ noRepeatNgramSize: 1, repetitionPenalty: 1.2 }, 'ban-behind-penalty'],
  ])('are named before a run: %j', (settings, code) => {
    expect(codes(settings, { vocabulary: 1000, endTokenId: 0 })).toEqual([code]);
    expect(requireSettings(settings)).toEqual({ ...NEUTRAL, ...settings });
  });

  it('say greedy in words, with what has no effect', () => {
    expect(checkSettings({ temperature: 0, topP: 0.9 })[0]?.problem).toEqual({
      code: 'temperature-zero-is-greedy',
      message:
        'temperature 0 takes the best token each time: every seed gives the same text, and topP 0.9 will have no effect.',
      remedy: 'Take a temperature above 0 if texts are to differ.',
    });
  });

  it('say that a model without an end token has no minimum length', () => {
    expect(codes({ minLength: 5 }, { vocabulary: 1000 })).toEqual(['min-length-without-end']);
    expect(codes({ minLength: 5 }, { vocabulary: 1000, endTokenId: 0 })).toEqual([]);
  });

  it('are none of the usual ones', () => {
    const usual = [
      {},
      { temperature: 0.7, topK: 50, topP: 0.95 },
      { minP: 0.05, temperature: 1.5 },
      { typicalP: 0.95 },
    ];
    for (const settings of [...usual, { numBeams: 4, lengthPenalty: 2, noRepeatNgramSize: 3 }])
      expect(codes(settings, { vocabulary: 50_257, endTokenId: 50_256 })).toEqual([]);
  });

  it('left out are the neutral ones', () => {
    expect(complete({ topK: 40 })).toEqual({ ...NEUTRAL, topK: 40 });
  });
});
