import { describe, expect, it } from 'vitest';
import { draw, Sampler, type OwnProcessor } from './sampler';
import type { GenerationSettings } from './settings';

// Expected values in this file are hand arithmetic.

/** Logits whose probabilities are these (all to be divided by their sum). */
const logitsOf = (...odds: number[]): Float32Array => Float32Array.from(odds, (odd) => Math.log(odd));

interface Where {
  readonly tokens?: number[];
  readonly promptLength?: number;
  readonly endTokenId?: number;
  readonly own?: OwnProcessor[];
}

function processed(
  logits: ArrayLike<number>,
  settings: GenerationSettings,
  { tokens = [], promptLength = tokens.length, endTokenId, own = [] }: Where = {},
): { kept: number[]; probabilities: number[]; rescued: boolean } {
  const sampler = new Sampler(settings, logits.length, own);
  let rescued = false;
  const context = { tokens, promptLength, ...(endTokenId === undefined ? {} : { endTokenId }) };
  const distribution = sampler.process(logits, context, (now) => (rescued ||= now.rescued));
  const kept = [...distribution.ids.subarray(0, distribution.count)];
  return { kept, probabilities: kept.map((id) => distribution.probability(id)), rescued };
}

describe('ties', () => {
  const equal = logitsOf(1, 1, 1, 1);

  it('stay together under top-k, min-p, typical, epsilon and eta', () => {
    for (const settings of [
      { topK: 2 },
      { minP: 1 },
      { typicalP: 0.3 },
      { epsilonCutoff: 0.9 },
      { etaCutoff: 0.9 },
    ])
      expect(processed(equal, settings).kept).toEqual([0, 1, 2, 3]);
  });

  it('are cut by top-p from the highest id, since the nucleus is the fewest tokens', () => {
    expect(processed(equal, { topP: 0.6 }).kept).toEqual([0, 1, 2]);
    expect(processed(equal, { topP: 0.5 }).kept).toEqual([0, 1]);
  });

  it('are broken by the lowest id at temperature 0', () => {
    expect(processed(logitsOf(1, 3, 3), { temperature: 0 })).toEqual({
      kept: [1],
      probabilities: [1],
      rescued: false,
    });
  });
});

describe('values at the edge', () => {
  const logits = logitsOf(1, 6, 3);

  it('p = 1 keeps everything and p = 0 the best token alone', () => {
    expect(processed(logits, { topP: 1 }).kept).toEqual([0, 1, 2]);
    expect(processed(logits, { topP: 0 }).kept).toEqual([1]);
    expect(processed(logitsOf(2, 2, 2), { topP: 0 }).kept).toEqual([0]);
    expect(processed(logits, { minP: 0 }).kept).toEqual([0, 1, 2]);
    expect(processed(logits, { minP: 1 }).kept).toEqual([1]);
    expect(processed(logits, { typicalP: 1 }).kept).toEqual([0, 1, 2]);
  });

  it('k beyond the vocabulary keeps everything, k = 1 the best', () => {
    expect(processed(logits, { topK: 50_000 }).kept).toEqual([0, 1, 2]);
    expect(processed(logits, { topK: 1 }).kept).toEqual([1]);
  });

  it('the best token stays where a cutoff is above its probability', () => {
    for (const settings of [{ epsilonCutoff: 0.99 }, { topK: 1 }, { topP: 1e-9 }, { minP: 1 }])
      expect(processed(logits, settings).kept).toEqual([1]);
  });

  it('-Infinity keeps a token out whatever comes after', () => {
    const some = Float32Array.of(-Infinity, 1, 1, -Infinity);
    for (const settings of [
      {},
      { temperature: 3 },
      { repetitionPenalty: 0.1 },
      { presencePenalty: -5 },
      { topK: 4 },
    ])
      expect(processed(some, settings, { tokens: [0, 3, 0], promptLength: 1 }).kept).toEqual([1, 2]);
  });

  it('the largest logits and the smallest temperature leave probabilities that are numbers', () => {
    const { probabilities } = processed(Float32Array.of(3e38, -3e38, 2e38), { temperature: 1e-4, topP: 0.9 });
    expect(probabilities.reduce((sum, p) => sum + p, 0)).toBe(1);
    // 3e38 / 1e-4 is beyond float32, and so is 2e38 / 1e-4: both become the largest float, and top-p 0.9 needs both halves.
    expect(probabilities).toEqual([0.5, 0.5]);
  });

  it('a vocabulary of one token works with everything switched on', () => {
    const all = {
      temperature: 0.5,
      topK: 1,
      topP: 0.1,
      minP: 0.5,
      typicalP: 0.5,
      epsilonCutoff: 0.5,
      etaCutoff: 0.5,
    };
    expect(
      processed([5], { ...all, noRepeatNgramSize: 1, repetitionPenalty: 2 }, { tokens: [0] }).probabilities,
    ).toEqual([1]);
  });
});

describe('a ban that would leave nothing', () => {
  it('leaves the best token, and says so', () => {
    const found = processed(logitsOf(1, 6, 3), { noRepeatNgramSize: 1 }, { tokens: [0, 1, 2] });
    expect(found).toEqual({ kept: [1], probabilities: [1], rescued: true });
  });

  it('leaves the lowest id of equals, in whatever order they came', () => {
    for (const tokens of [
      [2, 1, 0, 1],
      [0, 1, 2],
      [1, 0, 2],
    ])
      expect(processed(logitsOf(3, 3, 1), { noRepeatNgramSize: 1 }, { tokens }).kept).toEqual([0]);
  });

  it('is told apart from one that leaves something', () => {
    const found = processed(logitsOf(1, 6, 3), { noRepeatNgramSize: 1 }, { tokens: [1] });
    expect(found.kept).toEqual([0, 2]);
    expect(found.rescued).toBe(false);
  });

  it('cannot come from the minimum length: the only possible token stays even if it ends the text', () => {
    const only = Float32Array.of(-Infinity, 2, -Infinity);
    expect(processed(only, { minLength: 5 }, { endTokenId: 1 })).toEqual({
      kept: [1],
      probabilities: [1],
      rescued: true,
    });
  });
});

describe('presence and frequency penalty', () => {
  it('are subtracted once and per occurrence, from what the continuation says and not from the prompt', () => {
    // Tokens 0 (prompt only), 1 (twice), 2 (once). Odds after: 1, e^(-0.5-2·0.25), e^(-0.5-0.25).
    const { probabilities } = processed(
      logitsOf(1, 1, 1),
      { presencePenalty: 0.5, frequencyPenalty: 0.25 },
      { tokens: [0, 1, 2, 1], promptLength: 1 },
    );
    const odds = [1, Math.exp(-1), Math.exp(-0.75)];
    const sum = odds.reduce((total, odd) => total + odd, 0);
    odds.forEach((odd, id) => {
      expect(probabilities[id]).toBeCloseTo(odd / sum, 6);
    });
  });
});

describe('logits that are none', () => {
  const problem = (logits: ArrayLike<number>, where: Where = {}): unknown => {
    try {
      return processed(logits, {}, where);
    } catch (error) {
      return error;
    }
  };

  it('are refused in words: NaN, Infinity, nothing possible', () => {
    expect(problem([1, NaN])).toMatchObject({
      problem: {
        code: 'logits-not-finite',
        message:
          'The model gave the logit NaN for token 1; a logit is a number, or -Infinity for a token that must not come.',
        remedy: 'Look for a division by zero or a training run whose loss became NaN.',
      },
    });
    expect(problem([Infinity, 1])).toMatchObject({ problem: { code: 'logits-not-finite' } });
    expect(problem([-Infinity, -Infinity])).toMatchObject({
      problem: {
        code: 'logits-without-token',
        message: 'The model gave -Infinity for every token; at least one must be possible.',
      },
    });
  });

  it('are refused with the name of the processor that made them', () => {
    const own = (process: OwnProcessor['process']): Where => ({ own: [{ name: 'calm', process }] });
    expect(
      problem(
        [1, 2],
        own((logits) => logits.map(() => NaN)),
      ),
    ).toMatchObject({
      problem: {
        message: expect.stringContaining('Your processor "calm" gave the logit NaN for token 0') as string,
      },
    });
    expect(
      problem(
        [1, 2],
        own(() => [1]),
      ),
    ).toMatchObject({
      problem: {
        code: 'logits-wrong-length',
        message: 'Your processor "calm" gave 1 logits; the vocabulary has 2 tokens.',
      },
    });
    expect(
      problem(
        [1, 2],
        own((logits) => logits.fill(-Infinity)),
      ),
    ).toMatchObject({
      problem: { code: 'logits-without-token' },
    });
  });

  it('belong to a text of the same vocabulary', () => {
    expect(problem([1, 2], { tokens: [0, 7] })).toMatchObject({
      problem: {
        code: 'token-not-in-vocabulary',
        message: 'Token 2 of the text is 7; the logits are for the tokens 0 to 1.',
      },
    });
  });
});

describe('a processor of the learner’s own', () => {
  const seen: number[][] = [];
  const spy = (before?: string): OwnProcessor => ({
    name: 'spy',
    ...(before === undefined ? {} : { before }),
    process: (logits) => {
      seen.push([...logits]);
      return logits;
    },
  });

  it('comes where it says, and last if it says nothing', () => {
    const logits = Float32Array.of(2, 4, 6);
    const settings = { temperature: 2, topK: 2 };
    for (const before of ['temperature', 'topK', undefined])
      processed(logits, settings, { own: [spy(before)] });
    expect(seen).toEqual([
      [2, 4, 6],
      [1, 2, 3],
      [-Infinity, 2, 3],
    ]);
  });

  it('comes before a processor that is switched off, too', () => {
    expect(new Sampler({ topK: 2 }, 3, [spy('minP')]).chain.map(({ name }) => name)).toEqual(['topK', 'spy']);
  });

  it('can bring a token back, and what follows works on what it gave', () => {
    const own = { name: 'back', before: 'topP', process: () => logitsOf(5, 4, 1) };
    const { kept, probabilities } = processed(logitsOf(1, 1, 8), { topK: 1, topP: 0.8 }, { own: [own] });
    expect(kept).toEqual([0, 1]);
    expect(probabilities[0]).toBeCloseTo(5 / 9, 6);
  });

  it('is refused in words where it is to come before something that is not there', () => {
    expect(() => new Sampler({}, 3, [spy('topQ')])).toThrow(
      /Your processor "spy" is to come before "topQ", which is no processor. There are: repetitionPenalty, .*, eta\./,
    );
  });
});

describe('drawing', () => {
  it('goes from the likeliest token to the least, each as wide as its probability', () => {
    const sampler = new Sampler({}, 4);
    const distribution = sampler.process(logitsOf(1, 5, 1, 3), { tokens: [], promptLength: 0 });
    const drawn = [0, 0.49, 0.51, 0.79, 0.81, 0.89, 0.91, 1 - 2 ** -53].map((uniform) =>
      draw(distribution, uniform),
    );
    expect(drawn).toEqual([1, 1, 3, 3, 0, 0, 2, 2]);
  });

  it('gives each of equals its share, from the lowest id; a border belongs to the next', () => {
    const distribution = new Sampler({}, 4).process([7, 7, 7, 7], { tokens: [], promptLength: 0 });
    const below = (x: number): number => x - 2 ** -40;
    const drawn = [0, below(0.25), 0.25, below(0.5), 0.5, 0.75].map((uniform) => draw(distribution, uniform));
    expect(drawn).toEqual([0, 0, 1, 1, 2, 3]);
  });
});
