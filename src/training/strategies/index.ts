import { discriminative } from './discriminative';
import { featureExtraction } from './feature-extraction';
import { fromScratch } from './from-scratch';
import { gradualUnfreezing } from './gradual-unfreezing';
import { headFirst } from './head-first';
import { lastStage } from './last-stage';
import type { Strategy } from './strategy';
import { wholeModel } from './whole-model';

interface StrategyEntry {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  create(): Strategy;
}

/** Every strategy that can be chosen by id, in the order of tables. A new one is a file and a line here. */
export const strategyTable: readonly StrategyEntry[] = [
  fromScratch,
  featureExtraction,
  lastStage,
  wholeModel,
  gradualUnfreezing,
  discriminative,
  headFirst,
];

/** What a comparison runs. */
export const COMPARED = [fromScratch.id, featureExtraction.id, lastStage.id, wholeModel.id] as const;
