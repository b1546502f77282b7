import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { probe } from '../oracle/hash';
import { Sampler } from './sampler';
import type { GenerationSettings } from './settings';

interface Result {
  readonly vector: string;
  readonly setting: string;
  readonly kept: number;
  readonly ids: number[];
  readonly probabilities: number[];
  readonly dot: number;
  readonly keptDot: number;
  readonly entropy: number;
  readonly tie?: boolean;
}

interface Reference {
  readonly previousIds: number[];
  readonly promptLength: number;
  readonly eosId: number;
  readonly fp32Deviation: { readonly probability: number };
  readonly vectors: { readonly name: string; readonly logits: (number | null)[] }[];
  readonly settings: { readonly name: string; readonly arguments: Record<string, number> }[];
  readonly results: Result[];
}

// Processed by transformers 5.23, in float64 from float32 logits; see test/oracle/README.md.
const reference = JSON.parse(
  readFileSync(join(__dirname, '../../../test/oracle/samplers.json'), 'utf8'),
) as Reference;

const OURS: Readonly<Record<string, keyof GenerationSettings>> = {
  temperature: 'temperature',
  top_k: 'topK',
  top_p: 'topP',
  min_p: 'minP',
  typical_p: 'typicalP',
  epsilon_cutoff: 'epsilonCutoff',
  eta_cutoff: 'etaCutoff',
  repetition_penalty: 'repetitionPenalty',
  no_repeat_ngram_size: 'noRepeatNgramSize',
  min_new_tokens: 'minLength',
};

const translated = (settings: Record<string, number>): GenerationSettings =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [OURS[name] ?? name, value]));

const tolerance = Math.max(1e-5, 10 * reference.fp32Deviation.probability);

describe('the processors', () => {
  it.each(reference.settings)('agree with transformers on all vectors: $name', (setting) => {
    for (const { name, logits } of reference.vectors) {
      const expected = reference.results.find((r) => r.vector === name && r.setting === setting.name);
      if (!expected) throw new Error(`no result for ${name}`);
      const vector = Float32Array.from(logits, (logit) => logit ?? -Infinity);
      const sampler = new Sampler(translated(setting.arguments), vector.length);
      const distribution = sampler.process(vector, {
        tokens: reference.previousIds,
        promptLength: reference.promptLength,
        endTokenId: reference.eosId,
      });
      const kept = [...distribution.ids.subarray(0, distribution.count)];
      const likely = kept
        .map((id) => ({ id, p: distribution.probability(id) }))
        .sort((a, b) => b.p - a.p || a.id - b.id)
        .slice(0, expected.ids.length);

      expect(distribution.count, name).toBe(expected.kept);
      expected.probabilities.forEach((p, index) => {
        expect(Math.abs((likely[index]?.p ?? NaN) - p), `${name}, place ${index}`).toBeLessThan(tolerance);
      });
      // The table of tolerances is for probabilities; entropy sums as many as there are.
      expect(Math.abs(distribution.entropy() - expected.entropy), name).toBeLessThan(2 * tolerance);
      if (expected.tie) continue; // which of equal tokens stay is an accident of sorting there
      const direction = probe('probabilities', vector.length);
      const sum = (value: (id: number) => number): number =>
        kept.reduce((total, id) => total + value(id) * (direction[id] ?? 0), 0);
      // Tells the set: nine digits of a sum of probe values, of which no two are alike.
      expect(Math.abs(sum(() => 1) - expected.keptDot), name).toBeLessThan(1e-6);
      expect(Math.abs(sum((id) => distribution.probability(id)) - expected.dot), name).toBeLessThan(
        tolerance,
      );
      if (
        new Set(expected.probabilities).size === expected.probabilities.length &&
        expected.probabilities.every((p) => p > 1e-12)
      )
        expect(
          likely.map(({ id }) => id),
          name,
        ).toEqual(expected.ids);
    }
  });

  it('are compared on every pair of the file', () => {
    expect(reference.results.length).toBe(reference.vectors.length * reference.settings.length);
    expect(reference.results.length).toBeGreaterThan(500);
  });
});
