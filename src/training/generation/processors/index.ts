import { epsilon } from './epsilon';
import { eta } from './eta';
import { minLength } from './min-length';
import { minP } from './min-p';
import { noRepeatNgram } from './no-repeat-ngram';
import { presenceFrequencyPenalty } from './presence-frequency';
import type { Processor } from './processor';
import { repetitionPenalty } from './repetition-penalty';
import { temperature } from './temperature';
import { topK } from './top-k';
import { topP } from './top-p';
import { typical } from './typical';

/**
 * In the order of `generate` of Hugging Face transformers 5.23; presence and frequency penalty, which it lacks, come after the
 * repetition penalty, as in vLLM. A new processor is a file and a line here.
 */
export const processors: readonly Processor[] = [
  repetitionPenalty,
  presenceFrequencyPenalty,
  noRepeatNgram,
  minLength,
  temperature,
  topK,
  topP,
  minP,
  typical,
  epsilon,
  eta,
];
