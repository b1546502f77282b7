import { explainStep } from '../src/training/generation/explain-step';
import { draw, Sampler } from '../src/training/generation/sampler';
import type { GenerationSettings } from '../src/training/generation/settings';
import { randomStream } from '../src/training/random';
import { medians, time, type Piece, type Timing } from './piece';

/** GPT-2's. */
const VOCABULARY = 50_257;
const STEPS_PER_ROUND = 20;

const ALL: GenerationSettings = {
  repetitionPenalty: 1.2,
  presencePenalty: 0.1,
  frequencyPenalty: 0.1,
  noRepeatNgramSize: 3,
  minLength: 1000,
  temperature: 0.8,
  topP: 0.98,
  minP: 0.001,
  typicalP: 0.95,
  epsilonCutoff: 3e-4,
  etaCutoff: 6e-4,
};

const CASES: Readonly<Record<string, GenerationSettings>> = {
  plain: {},
  temperature: { temperature: 0.8 },
  topK40: { topK: 40 },
  topK5000: { topK: 5000 },
  topP: { topP: 0.95 },
  minP: { minP: 0.05 },
  typicalP: { typicalP: 0.95 },
  etaCutoff: { etaCutoff: 6e-4 },
  'temperature, topK40, topP': { temperature: 0.8, topK: 40, topP: 0.95 },
  'all but topK': ALL,
  all: { ...ALL, topK: 40 },
};

/** Probabilities that fall by a power of the rank, as words do. */
function zipfLogits(): Float32Array {
  const stream = randomStream(1, 'bench/samplers');
  return Float32Array.from(
    { length: VOCABULARY },
    (_, id) => 10 - 1.2 * Math.log(1 + Math.floor(stream.uniform(id) * VOCABULARY)) + 0.3 * stream.normal(id),
  );
}

/** From logits to a drawn token, after a text of 1024 tokens; median of rounds, in milliseconds. */
export const samplers: Piece = {
  name: 'samplers',
  summary: `one step of sampling from ${VOCABULARY} logits, by processor`,
  measure({ rounds }) {
    const logits = zipfLogits();
    const stream = randomStream(2, 'bench/samplers');
    const tokens = Int32Array.from({ length: 1024 }, (_, index) =>
      Math.floor(stream.uniform(index) ** 3 * VOCABULARY),
    );
    const context = { tokens, promptLength: 24, endTokenId: VOCABULARY - 1 };
    const steps: Record<string, Timing> = {};
    const measured = (name: string, run: () => void): void => {
      time(run, STEPS_PER_ROUND); // warm
      steps[name] = medians(Array.from({ length: rounds }, () => time(run, STEPS_PER_ROUND)));
    };
    for (const [name, settings] of Object.entries(CASES)) {
      const sampler = new Sampler(settings, VOCABULARY);
      let token = 0;
      measured(name, () => {
        draw(sampler.process(logits, context), stream.uniform(token++));
      });
    }
    const sampler = new Sampler(CASES['all'] ?? {}, VOCABULARY);
    measured('all, explained', () => {
      explainStep(sampler, logits, context, 7);
    });
    return Promise.resolve({ vocabulary: VOCABULARY, ...steps });
  },
};
