import { describe, expect, it } from 'vitest';
import { assignStyles } from '../shared/palette';
import { chartModel, chartSummary, type ChartOptions } from './charts';
import { fakeHistory } from './fake-run';
import { runFromHistory } from './run-model';

const one = runFromHistory(fakeHistory({ runId: 'a', epochs: 3, stepsPerEpoch: 4 }));
const two = runFromHistory(fakeHistory({ runId: 'b', title: 'headOnly', epochs: 2, stepsPerEpoch: 4 }));
const long = runFromHistory(fakeHistory({ runId: 'c', epochs: 100, stepsPerEpoch: 200, perClassVal: 2 }));
const options: ChartOptions = {
  axis: 'step',
  smoothing: 0,
  log: false,
  styles: assignStyles(['a', 'b', 'c'], new Map()),
  focusedRunId: 'a',
};

describe('chartModel', () => {
  it('draws the losses of every step and every validation', () => {
    const { x, series } = chartModel('loss', [one], options);
    expect(x).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(series.map(({ label }) => label)).toEqual(['training', 'validation']);
    expect(series[0]?.values).toEqual(one.state.steps.map(({ trainLoss }) => trainLoss));
    expect(series[1]?.values.flatMap((value, index) => (value === null ? [] : [x[index]]))).toEqual([
      4, 8, 12,
    ]);
  });

  it('names the runs where several are drawn together', () => {
    const { series } = chartModel('accuracy', [one, two], options);
    expect(series.map(({ label }) => label)).toEqual([
      'wholeNetwork · training',
      'wholeNetwork · validation',
      'headOnly · training',
      'headOnly · validation',
    ]);
  });

  it('tells the best validation and where its epoch ended', () => {
    const { series, bestX } = chartModel('accuracy', [one], options);
    const accuracies = one.state.epochPoints.map(({ valAccuracy }) => valAccuracy);
    expect(series[1]?.best?.value).toBe(Math.max(...accuracies));
    expect(bestX).toBe((one.state.bestEpoch ?? 0) * 4);
  });

  it('leaves out of a logarithmic chart what has no logarithm', () => {
    const { series } = chartModel('learningRate', [one], { ...options, log: true });
    expect(series[0]?.values.every((value) => value === null || value > 0)).toBe(true);
    expect(chartModel('accuracy', [one], { ...options, log: true }).log).toBe(false);
  });

  it('draws a run of 20,000 steps with few points, and gives all of them to a table', () => {
    expect(chartModel('loss', [long], options).x.length).toBeLessThan(2200);
    expect(chartModel('loss', [long], { ...options, all: true }).x.length).toBe(20_000);
  });

  it('draws every step of the part that is zoomed into, and still knows where the run ends', () => {
    const { x, end } = chartModel('stepMs', [long], { ...options, zoom: { min: 700, max: 720 } });
    expect(x.filter((at) => at >= 700 && at < 720).length).toBe(20);
    expect(end).toBe(20_000);
  });

  it('says in a sentence what it shows', () => {
    const summary = chartSummary(chartModel('accuracy', [one], options));
    expect(summary).toMatch(
      /^Accuracy: training [\d.]+ %; validation [\d.]+ %, best [\d.]+ % at epoch \d\.$/,
    );
    const empty = runFromHistory({ ...fakeHistory(), events: [] });
    expect(chartSummary(chartModel('loss', [empty], options))).toBe('Loss: no numbers yet.');
  });
});
