import { requireSettings } from './check-settings';
import { requireRows, type NextLogits } from './next-logits';
import { logProbabilities, Sampler, type OwnProcessor } from './sampler';
import { NEUTRAL, type GenerationSettings } from './settings';

export interface BeamOptions {
  readonly endTokenId?: number;
  /** Ends as soon as numBeams texts are finished; without it, when no open text could beat the worst of them any more. */
  readonly earlyStopping?: boolean;
}

export interface Beam {
  /** Without the prompt, with the end token. */
  readonly tokens: readonly number[];
  /** Sum of the tokens' log-probabilities, after penalties. */
  readonly logProbability: number;
  /** logProbability / length^lengthPenalty: what texts are ordered by. */
  readonly score: number;
  readonly end: 'token' | 'length';
}

interface Open {
  readonly tokens: readonly number[];
  readonly logProbability: number;
}

/**
 * The likeliest texts that can be found by following `numBeams` of them at once, best first. As transformers 5 does it: penalties
 * and bans act on log-probabilities, temperature and cuts do not act. Deterministic: of equals, the earlier beam and lower id.
 * @throws {LearnerError} for settings that cannot be, and logits that are none
 */
export async function beamSearch(
  next: NextLogits,
  prompt: readonly number[],
  settings: GenerationSettings,
  { endTokenId, earlyStopping = false }: BeamOptions = {},
): Promise<Beam[]> {
  const { numBeams, maxNewTokens, lengthPenalty } = requireSettings(settings);
  let sampler: Sampler | undefined;
  let open: readonly Open[] = [{ tokens: [], logProbability: 0 }];
  let finished: Beam[] = [];
  for (let length = 1; length <= maxNewTokens; length++) {
    const texts = open.map(({ tokens }) => [...prompt, ...tokens]);
    const rows = await next(texts);
    requireRows(rows.length, texts.length);
    const best: Open[] = [];
    for (const [index, beam] of open.entries()) {
      const logits = rows[index] ?? [];
      sampler ??= new Sampler(withoutSampling(settings), logits.length, [logSoftmax]);
      const { scores } = sampler.process(logits, {
        tokens: texts[index] ?? [],
        promptLength: prompt.length,
        ...(endTokenId === undefined ? {} : { endTokenId }),
      });
      // Twice as many as are followed: up to numBeams of them may end here.
      addBest(best, beam, scores, 2 * numBeams);
    }
    const atEnd = ({ tokens }: Open): boolean => tokens.at(-1) === endTokenId;
    const last = length === maxNewTokens;
    const ending = best
      .slice(0, numBeams)
      .filter((text) => last || atEnd(text))
      .map((text) => finish(text, lengthPenalty, atEnd(text) ? 'token' : 'length'));
    if (!(earlyStopping && finished.length === numBeams))
      finished = [...finished, ...ending].sort((a, b) => b.score - a.score).slice(0, numBeams);
    open = best.filter((text) => !atEnd(text)).slice(0, numBeams);
    if (open.length === 0) break;
    if (finished.length < numBeams) continue;
    const attainable = (open[0]?.logProbability ?? -Infinity) / length ** lengthPenalty;
    if (earlyStopping || attainable <= (finished.at(-1)?.score ?? -Infinity)) break;
  }
  return finished;
}

const logSoftmax: OwnProcessor = {
  name: 'logSoftmax',
  before: 'repetitionPenalty',
  process: logProbabilities,
};

function withoutSampling(settings: GenerationSettings): GenerationSettings {
  const { temperature, topK, topP, minP, typicalP, epsilonCutoff, etaCutoff } = NEUTRAL;
  return { ...settings, temperature, topK, topP, minP, typicalP, epsilonCutoff, etaCutoff };
}

function finish({ tokens, logProbability }: Open, lengthPenalty: number, end: Beam['end']): Beam {
  return { tokens, logProbability, score: logProbability / tokens.length ** lengthPenalty, end };
}

/** Puts this beam's continuations among the best so far, which stay ordered and no more than `limit`. */
function addBest(best: Open[], beam: Open, scores: Float32Array, limit: number): void {
  for (let id = 0; id < scores.length; id++) {
    const logProbability = beam.logProbability + (scores[id] ?? -Infinity);
    if (logProbability === -Infinity) continue;
    if (best.length === limit && logProbability <= (best[limit - 1]?.logProbability ?? 0)) continue;
    let place = best.length;
    while (place > 0 && (best[place - 1]?.logProbability ?? 0) < logProbability) place--;
    best.splice(place, 0, { tokens: [...beam.tokens, id], logProbability });
    if (best.length > limit) best.pop();
  }
}
