import type { LineStyle } from '../shared/palette';
import { lossText, millisecondsText, percent, rateText } from '../shared/text';
import { legendNames, type RunModel } from './run-model';
import {
  align,
  column,
  lastValue,
  positions,
  positive,
  smooth,
  type Column,
  type Track,
  type XAxis,
} from './series';
import { thin } from './thin';
import type { Zoom } from './view-state';

export type ChartId = 'loss' | 'accuracy' | 'learningRate' | 'stepMs';

/** `val` is drawn with dots at each epoch, `raw` faintly behind the smoothed line. */
export type SeriesKind = 'train' | 'val' | 'raw';

export interface ChartSeries {
  readonly key: string;
  readonly label: string;
  readonly kind: SeriesKind;
  readonly style: LineStyle;
  readonly values: Column;
  readonly last?: number;
  /** The best value and the epoch (validation) it came with. */
  readonly best?: { readonly value: number; readonly epoch: number };
}

export interface ChartModel {
  readonly id: ChartId;
  readonly title: string;
  readonly x: readonly number[];
  /** The last position of all, also where `x` is a part. */
  readonly end: number;
  readonly series: readonly ChartSeries[];
  readonly log: boolean;
  /** Where the best epoch of the run in focus ended. */
  readonly bestX?: number;
}

export interface ChartOptions {
  readonly axis: XAxis;
  /** 0 .. below 1 */
  readonly smoothing: number;
  readonly log: boolean;
  readonly styles: ReadonlyMap<string, LineStyle>;
  readonly focusedRunId: string;
  /** Every position, also those that no pixel can tell apart: for tables. */
  readonly all?: boolean;
  /** The part that is seen. */
  readonly zoom?: Zoom | undefined;
}

export const CHARTS: readonly ChartId[] = ['loss', 'accuracy', 'learningRate', 'stepMs'];

export const CHART_TITLES: Readonly<Record<ChartId, string>> = {
  loss: 'Loss',
  accuracy: 'Accuracy',
  learningRate: 'Learning rate',
  stepMs: 'Time per step',
};

export const CHART_FORMATS: Readonly<Record<ChartId, (value: number | null | undefined) => string>> = {
  loss: lossText,
  accuracy: percent,
  learningRate: rateText,
  stepMs: millisecondsText,
};

/** Colour of the validation line where one run is drawn alone. */
const VALIDATION_ALONE: LineStyle = { colour: 1, dash: 0 };

export function chartModel(id: ChartId, runs: readonly RunModel[], options: ChartOptions): ChartModel {
  const log = options.log && (id === 'loss' || id === 'learningRate');
  const names = legendNames(runs);
  const parts = runs.map((run) =>
    partOf(id, run, runs.length === 1 ? undefined : names.get(run.state.runId), options),
  );
  const { x, columns } = align(parts.flatMap(({ tracks }) => tracks));
  const drawn = log ? columns.map(positive) : columns;
  const series = parts
    .flatMap((part) => part.series)
    .map((one, index) => ({ ...one, values: drawn[index] ?? [] }));
  const bestX = id === 'loss' || id === 'accuracy' ? bestPosition(runs, options) : undefined;
  const end = Math.max(0, ...parts.map((part) => part.end));
  return { id, title: CHART_TITLES[id], x, end, series, log, ...(bestX === undefined ? {} : { bestX }) };
}

type SeriesWithoutValues = Omit<ChartSeries, 'values'>;

function partOf(
  id: ChartId,
  run: RunModel,
  /** Undefined where the run is drawn alone. */
  runName: string | undefined,
  { axis, smoothing, styles, focusedRunId, all, zoom }: ChartOptions,
): { tracks: Track[]; series: SeriesWithoutValues[]; end: number } {
  const { state } = run;
  const alone = runName === undefined;
  const at = positions(state, axis);
  const style = styles.get(state.runId) ?? { colour: 0, dash: 0 };
  const name = (what: string): string => (alone ? what : `${runName} · ${what}`);
  const raw = stepColumn(id, run);
  const line = id === 'learningRate' ? raw : smooth(raw, smoothing);
  const columns = [line];
  const series: SeriesWithoutValues[] = [
    {
      key: `${id}/${state.runId}/train`,
      label:
        id === 'loss' || id === 'accuracy' ? name('training') : (runName ?? CHART_TITLES[id].toLowerCase()),
      kind: 'train',
      style,
      ...known('last', lastValue(line)),
    },
  ];
  if (id === 'loss' && smoothing > 0 && state.runId === focusedRunId) {
    columns.push(raw);
    series.push({ key: `${id}/${state.runId}/raw`, label: name('training, each step'), kind: 'raw', style });
  }
  const steps = { x: at.steps, columns };
  const tracks: Track[] = [all ? steps : thin(steps, zoom)];
  if (id === 'loss' || id === 'accuracy') {
    const values = column(state.epochPoints, (point) => (id === 'loss' ? point.valLoss : point.valAccuracy));
    tracks.push({ x: at.epochs, columns: [values] });
    series.push({
      key: `${id}/${state.runId}/val`,
      label: name('validation'),
      kind: 'val',
      style: alone ? VALIDATION_ALONE : style,
      ...known('last', lastValue(values)),
      ...known('best', bestOf(id, values, run)),
    });
  }
  return { tracks, series, end: at.steps.at(-1) ?? 0 };
}

function stepColumn(id: ChartId, { state: { steps } }: RunModel): Column {
  switch (id) {
    case 'loss':
      return column(steps, ({ trainLoss }) => trainLoss);
    case 'accuracy':
      return column(steps, ({ trainAccuracy }) => trainAccuracy);
    case 'learningRate':
      return column(steps, ({ learningRate }) => learningRate);
    case 'stepMs':
      return column(steps, ({ stepMs }) => stepMs);
  }
}

function bestOf(
  id: ChartId,
  values: Column,
  { state }: RunModel,
): { value: number; epoch: number } | undefined {
  let best: { value: number; epoch: number } | undefined;
  values.forEach((value, index) => {
    const epoch = state.epochPoints[index]?.epoch;
    if (value === null || epoch === undefined) return;
    const better = best === undefined || (id === 'loss' ? value < best.value : value > best.value);
    if (better) best = { value, epoch };
  });
  return best;
}

function bestPosition(runs: readonly RunModel[], { focusedRunId, axis }: ChartOptions): number | undefined {
  const state = runs.find((run) => run.state.runId === focusedRunId)?.state;
  if (state?.bestEpoch === undefined) return undefined;
  const index = state.epochPoints.findIndex((point) => point.epoch === state.bestEpoch);
  return positions(state, axis).epochs[index];
}

function known<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}

/** Where the pointer is, in words: "epoch 3.20". */
export function xText(x: number, axis: XAxis): string {
  if (axis === 'step') return `step ${x}`;
  return axis === 'epoch' ? `epoch ${x.toFixed(2)}` : `${x.toFixed(1)} s`;
}

export const AXIS_TITLES: Readonly<Record<XAxis, string>> = {
  epoch: 'Epoch',
  step: 'Step',
  seconds: 'Seconds of training',
};

/** One sentence about a chart for those who cannot see it. */
export function chartSummary(model: ChartModel): string {
  const format = CHART_FORMATS[model.id];
  const parts = model.series
    .filter(({ kind, last }) => kind !== 'raw' && last !== undefined)
    .map(({ label, last, best }) => {
      const record = best ? `, best ${format(best.value)} at epoch ${best.epoch}` : '';
      return `${label} ${format(last)}${record}`;
    });
  return parts.length === 0 ? `${model.title}: no numbers yet.` : `${model.title}: ${parts.join('; ')}.`;
}
