import type { RunEvent } from './events';
import { initialRunState, reduceRun, type RunState } from './run-state';

/** One mini-batch of a learning-rate range test. */
export interface RatePoint {
  /** The `learningRate` of the strategy in this step; rates of single layer groups scale with it. */
  readonly learningRate: number;
  /** Of this batch, before its step. */
  readonly loss: number;
  readonly smoothedLoss: number;
}

export type SuggestionId = 'valley' | 'steepest' | 'tenthOfMinimum';

export interface RateSuggestion {
  readonly id: SuggestionId;
  /** Rounded to two digits: what is written into the code. */
  readonly learningRate: number;
  /** The point of the curve that it was read from. */
  readonly index: number;
  readonly reason: string;
}

/** Why the rate rose no further. */
export type RateTestEnd = 'highestRate' | 'diverged' | 'notFinite' | 'stopped';

export interface RateTestResult {
  readonly end: RateTestEnd;
  /** The best first. Empty where the curve shows none. */
  readonly suggestions: readonly RateSuggestion[];
  /** Why there are no suggestions, or what to keep in mind about them. */
  readonly note?: string;
}

/** What is tested, in the words of the experiment. */
export interface RateTestPlan {
  readonly steps: number;
  /** The strategy's own `learningRate`, for comparison. */
  readonly current: number;
  readonly strategy: string;
  /** The phase whose layers train: the first of the strategy. */
  readonly phase: string;
  /** Layer groups that train in it. */
  readonly trained: readonly string[];
}

/** A range test as people see it: derived from its events alone. */
export interface RateTest {
  readonly run: RunState;
  readonly plan?: RateTestPlan;
  /** Grows in place. */
  readonly points: readonly RatePoint[];
  readonly result?: RateTestResult;
}

export const initialRateTest = (runId: string): RateTest => ({ run: initialRunState(runId), points: [] });

/** Pure, except that `points` grows in place. */
export function reduceRateTest(test: RateTest, event: RunEvent, timeMs?: number): RateTest {
  const run = reduceRun(test.run, event, timeMs);
  switch (event.type) {
    case 'rateTest':
      return { ...test, run, plan: event.plan };
    case 'rateStep':
      (test.points as RatePoint[]).push(event.point);
      return { ...test, run: run.status === 'stopping' ? run : { ...run, status: 'training' } };
    case 'rateResult':
      return { ...test, run, result: event.result };
    default:
      return { ...test, run };
  }
}

/** What the view draws: small enough to be sent whole. */
export interface RateTestView {
  readonly directory: string;
  readonly experiment: string;
  readonly test: RateTest;
}

/** Functions of the view that the editor calls (birpc). */
export interface RateViewFunctions {
  show(view: RateTestView): void;
}

/** Functions of the editor that the view calls. */
export interface RateHostFunctions {
  /** Answered with `show`. */
  ready(): void;
  stop(): void;
  again(): void;
  revealExperiment(): void;
  /** Writes a suggested rate into the code. */
  useRate(suggestion: SuggestionId): void;
}

/** Kept over hiding and reload. */
export interface RateViewState {
  readonly version: 1;
  readonly directory: string;
}
