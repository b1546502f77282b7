import type { Evaluation } from '../../protocol/events';
import { CHART_FORMATS, type ChartModel } from './charts';
import { bestValidation, evaluationsOf, type RunModel } from './run-model';

export const PAGE_ROWS = 50;

export interface ChartTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** From 0. */
  readonly page: number;
  readonly pages: number;
}

/**
 * The numbers of a chart, as it draws them, one row for each position.
 * @param page from 0; undefined or past the end gives the last
 */
export function chartTable(
  model: ChartModel,
  format: (x: number) => string,
  { epochsOnly, page }: { epochsOnly: boolean; page: number | undefined },
): ChartTable {
  const series = model.series.filter(({ kind }) => kind !== 'raw' || !epochsOnly);
  const val = model.series.filter(({ kind }) => kind === 'val');
  const indices = [...model.x.keys()].filter(
    (index) => !epochsOnly || val.some(({ values }) => values[index] != null),
  );
  const pages = Math.max(1, Math.ceil(indices.length / PAGE_ROWS));
  const shown = Math.min(page ?? pages - 1, pages - 1);
  const text = CHART_FORMATS[model.id];
  return {
    header: series.map(({ label }) => label),
    rows: indices
      .slice(shown * PAGE_ROWS, (shown + 1) * PAGE_ROWS)
      .map((index) => [format(model.x[index] ?? 0), ...series.map(({ values }) => text(values[index]))]),
    page: shown,
    pages,
  };
}

export interface ComparisonRow {
  readonly runId: string;
  readonly title: string;
  readonly testAccuracy?: number;
  readonly valAccuracy?: number;
  readonly seconds?: number;
  readonly trainableParameters?: number;
  /** Columns in which no run is better. */
  readonly best: readonly ComparisonColumn[];
}

export type ComparisonColumn = 'testAccuracy' | 'valAccuracy' | 'seconds' | 'trainableParameters';

/** More is better for accuracies, less for time and size. */
const BETTER: Readonly<Record<ComparisonColumn, 1 | -1>> = {
  testAccuracy: 1,
  valAccuracy: 1,
  seconds: -1,
  trainableParameters: -1,
};
const COLUMNS = Object.keys(BETTER) as ComparisonColumn[];

/** One row for each run; nothing is marked best while only one run has a number. */
export function comparisonTable(runs: readonly RunModel[]): ComparisonRow[] {
  const rows = runs.map((run) => ({ runId: run.state.runId, title: run.title, ...numbersOf(run) }));
  const tops = new Map(
    COLUMNS.map((name) => [
      name,
      topOf(
        rows.map((row) => row[name]),
        BETTER[name],
      ),
    ]),
  );
  return rows.map((row) => ({
    ...row,
    best: COLUMNS.filter((name) => row[name] !== undefined && row[name] === tops.get(name)),
  }));
}

function numbersOf(run: RunModel): { [C in ComparisonColumn]?: number } {
  const testAccuracy = evaluationsOf(run.state).test?.accuracy;
  const valAccuracy = bestValidation(run.state);
  const { seconds } = run.state;
  const { trainableParameters } = run;
  return {
    ...(testAccuracy === undefined ? {} : { testAccuracy }),
    ...(valAccuracy === undefined ? {} : { valAccuracy }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(trainableParameters === undefined ? {} : { trainableParameters }),
  };
}

function topOf(values: readonly (number | undefined)[], direction: 1 | -1): number | undefined {
  const numbers = values.filter((value) => value !== undefined);
  if (numbers.length < 2 || new Set(numbers).size === 1) return undefined;
  return direction * Math.max(...numbers.map((value) => direction * value));
}

export interface ConfusedPair {
  readonly truth: number;
  readonly predicted: number;
  readonly count: number;
  /** Of the true class, 0..1. */
  readonly share: number;
}

/** The pairs of classes that were taken for one another, most frequent first. */
export function confusedPairs({ confusion }: Pick<Evaluation, 'confusion'>, limit: number): ConfusedPair[] {
  return confusion
    .flatMap((row, truth) =>
      row.map((count, predicted) => ({ truth, predicted, count, share: shareOf(row, predicted) })),
    )
    .filter(({ truth, predicted, count }) => truth !== predicted && count > 0)
    .sort((a, b) => b.count - a.count || b.share - a.share)
    .slice(0, limit);
}

/** Share of a row (one true class) that went to a prediction, 0..1; 0 for a class without pictures. */
export function shareOf(row: readonly number[], predicted: number): number {
  const total = row.reduce((sum, count) => sum + count, 0);
  return total === 0 ? 0 : (row[predicted] ?? 0) / total;
}
