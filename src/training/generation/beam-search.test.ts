import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashValues } from '../oracle/hash';
import { beamSearch } from './beam-search';
import type { NextLogits } from './next-logits';
import type { GenerationSettings } from './settings';

// transformers' generate over a table in place of a model; tools/oracle/make_generation.py made it.
const reference = JSON.parse(readFileSync(join(__dirname, '../../../test/oracle/beams.json'), 'utf8')) as {
  readonly vocabulary: number;
  readonly endTokenId: number;
  readonly cases: {
    readonly table: string;
    readonly prompt: number[];
    readonly arguments: Record<string, number | boolean>;
    readonly texts: number[][];
    readonly scores: number[] | null;
  }[];
};
const { vocabulary, endTokenId } = reference;

/** The next token's logits depend on the last token alone. */
function tableOf(name: string): NextLogits {
  const table = hashValues(name, vocabulary ** 2, 2);
  for (let id = 0; id < vocabulary; id++) {
    table[id * vocabulary + id] = -4;
    table[id * vocabulary + endTokenId] = (table[id * vocabulary + endTokenId] ?? 0) + 1;
  }
  return (texts) =>
    texts.map((text) =>
      table.subarray((text.at(-1) ?? 0) * vocabulary, ((text.at(-1) ?? 0) + 1) * vocabulary),
    );
}

function settingsOf(given: Record<string, number | boolean>): GenerationSettings {
  const number = (name: string, otherwise: number): number => Number(given[name] ?? otherwise);
  return {
    numBeams: number('num_beams', 1),
    lengthPenalty: number('length_penalty', 1),
    maxNewTokens: number('max_new_tokens', 20),
    minLength: number('min_new_tokens', 0),
    noRepeatNgramSize: number('no_repeat_ngram_size', 0),
    repetitionPenalty: number('repetition_penalty', 1),
  };
}

describe('beam search', () => {
  it.each([...new Set(reference.cases.map((one) => JSON.stringify(one.arguments)))])(
    'finds the texts and scores of transformers: %s',
    async (given) => {
      for (const one of reference.cases.filter((other) => JSON.stringify(other.arguments) === given)) {
        const where = `${one.table} after ${one.prompt.join(' ')}`;
        const beams = await beamSearch(tableOf(one.table), one.prompt, settingsOf(one.arguments), {
          endTokenId,
          earlyStopping: one.arguments['early_stopping'] === true,
        });
        expect(
          beams.map(({ tokens }) => tokens),
          where,
        ).toEqual(one.texts);
        // Theirs are float32 sums of up to 12 log-probabilities, some divided by less than 1.
        one.scores?.forEach((score, index) => {
          expect(Math.abs((beams[index]?.score ?? NaN) / score - 1), where).toBeLessThan(1e-5);
        });
      }
    },
  );

  it('with as many beams as there are texts finds the likeliest of all, as counting through them does', async () => {
    const next = tableOf('exhaustive');
    const rows = await next(Array.from({ length: vocabulary }, (_, id) => [id]));
    const logProbability = (from: number, to: number): number => {
      const row = Array.from(rows[from] ?? []);
      return (row[to] ?? 0) - Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
    };
    let best = { tokens: [] as number[], sum: -Infinity };
    for (let first = 0; first < vocabulary; first++)
      for (let second = 0; second < vocabulary; second++) {
        const sum = logProbability(0, first) + logProbability(first, second);
        if (sum > best.sum) best = { tokens: [first, second], sum };
      }
    const [found] = await beamSearch(next, [0], { numBeams: vocabulary, maxNewTokens: 2, lengthPenalty: 0 });
    expect(found?.tokens).toEqual(best.tokens);
    expect(found?.logProbability).toBeCloseTo(best.sum, 5);
    expect(found?.end).toBe('length');
  });

  it('follows fewer beams where bans leave fewer tokens, and ends', async () => {
    const next: NextLogits = (texts) => texts.map(() => [0, 0, -Infinity]);
    const beams = await beamSearch(next, [0], { numBeams: 5, maxNewTokens: 2, lengthPenalty: 0 });
    // Two tokens, two places: four texts, all equally likely.
    expect(beams.map(({ tokens }) => tokens.join(''))).toEqual(['00', '01', '10', '11']);
    for (const { logProbability } of beams) expect(logProbability).toBeCloseTo(Math.log(1 / 4), 6);
  });

  it('says which settings cannot be before it asks the model, that a row of logits is missing, and which logit is none', async () => {
    const never: NextLogits = () => {
      throw new Error('asked');
    };
    await expect(beamSearch(never, [0], { numBeams: 0 })).rejects.toMatchObject({
      problem: {
        code: 'setting-out-of-range',
        message: 'numBeams is 0; it must be a whole number from 1 up.',
      },
    });
    await expect(beamSearch(() => [], [0], { numBeams: 2 })).rejects.toMatchObject({
      problem: { code: 'logits-row-missing', message: 'The model gave 0 rows of logits for 1 texts.' },
    });
    await expect(beamSearch(() => [[0, 1, NaN]], [0], { numBeams: 2 })).rejects.toMatchObject({
      problem: { message: expect.stringContaining('The model gave the logit NaN for token 2') as string },
    });
  });
});
