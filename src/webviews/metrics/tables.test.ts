import { describe, expect, it } from 'vitest';
import { assignStyles } from '../shared/palette';
import { chartModel } from './charts';
import { fakeHistory } from './fake-run';
import { runFromHistory } from './run-model';
import { chartTable, comparisonTable, confusedPairs, PAGE_ROWS, shareOf } from './tables';

const run = (runId: string, skill: number, extra = {}) =>
  runFromHistory(fakeHistory({ runId, title: runId, skill, epochs: 6, stepsPerEpoch: 20, ...extra }));

describe('chartTable', () => {
  const model = chartModel('loss', [run('a', 0.9)], {
    axis: 'step',
    smoothing: 0,
    log: false,
    styles: assignStyles(['a'], new Map()),
    focusedRunId: 'a',
    all: true,
  });
  const table = (options: { epochsOnly: boolean; page: number | undefined }) =>
    chartTable(model, String, options);

  it('has every step on some page, once and in order', () => {
    const { pages } = table({ epochsOnly: false, page: 0 });
    const rows = Array.from({ length: pages }, (_, page) => table({ epochsOnly: false, page }).rows).flat();
    expect(rows.map(([step]) => Number(step))).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
    expect(pages).toBe(Math.ceil(120 / PAGE_ROWS));
  });
  it('shows the newest page until the learner turns it, and the last one for a page past the end', () => {
    expect(table({ epochsOnly: false, page: undefined }).page).toBe(2);
    expect(table({ epochsOnly: false, page: 99 }).page).toBe(2);
  });
  it('shows the ends of epochs alone', () => {
    const { rows, header } = table({ epochsOnly: true, page: undefined });
    expect(rows.map(([step]) => step)).toEqual(['20', '40', '60', '80', '100', '120']);
    expect(header).toEqual(['training', 'validation']);
    expect(rows.flat()).not.toContain('–');
  });
});

describe('comparisonTable', () => {
  it('has a row for each run and marks the best of each column', () => {
    const rows = comparisonTable([run('poor', 0.2), run('good', 0.95, { strategy: 'feature-extraction' })]);
    expect(rows.map(({ title }) => title)).toEqual(['poor', 'good']);
    expect(rows[1]?.best).toEqual(
      expect.arrayContaining(['testAccuracy', 'valAccuracy', 'trainableParameters']),
    );
    expect(rows[0]?.best).not.toContain('testAccuracy');
  });
  it('marks nothing while one run alone has numbers, nor where all are equal', () => {
    const [first] = comparisonTable([run('a', 0.9), run('b', 0.9, { steps: 3 })]);
    expect(first?.best).toEqual([]);
    const equal = comparisonTable([run('a', 0.9), run('b', 0.9)]);
    expect(equal.flatMap(({ best }) => best)).toEqual([]);
  });
});

describe('the confusion matrix', () => {
  const confusion = [
    [8, 2, 0],
    [5, 5, 0],
    [0, 0, 0],
  ];
  it('counts shares of a true class, 0 for a class without pictures', () => {
    expect(shareOf([8, 2, 0], 1)).toBe(0.2);
    expect(shareOf([0, 0, 0], 1)).toBe(0);
  });
  it('lists the classes that were taken for one another, most frequent first', () => {
    expect(confusedPairs({ confusion }, 10)).toEqual([
      { truth: 1, predicted: 0, count: 5, share: 0.5 },
      { truth: 0, predicted: 1, count: 2, share: 0.2 },
    ]);
  });
});
