import uPlot from 'uplot';
import { DASHES } from '../shared/palette';
import type { ChartTheme } from '../shared/theme';
import { CHART_FORMATS, type ChartModel, type ChartSeries } from './charts';
import type { Zoom } from './view-state';

export interface PlotListener {
  /** Index of the position under the pointer. */
  hover(index: number | undefined): void;
  zoom(range: Zoom | undefined): void;
}

export interface PlotInput {
  readonly model: ChartModel;
  readonly theme: ChartTheme;
  readonly zoom: Zoom | undefined;
  /** Keys of lines that the learner switched off. */
  readonly hidden: readonly string[];
  readonly listener: PlotListener;
  readonly size: { readonly width: number; readonly height: number };
}

const SYNC = uPlot.sync('transfer-lab-metrics');

/** What a change of makes a new plot necessary; other changes only give it new numbers. */
export function shapeOf({ model, theme }: Pick<PlotInput, 'model' | 'theme'>): string {
  return JSON.stringify([
    model.id,
    model.log,
    model.series.map(({ key, kind, style }) => [key, kind, style]),
    theme,
  ]);
}

export function dataOf(model: ChartModel): uPlot.AlignedData {
  return [model.x as number[], ...model.series.map(({ values }) => values)];
}

/** Reads `current` at every frame: model, zoom and hidden lines change under a living plot. */
export function createPlot(target: HTMLElement, current: () => PlotInput): uPlot {
  const { model, theme, listener, size } = current();
  const format = CHART_FORMATS[model.id];
  const axis: uPlot.Axis = {
    stroke: theme.muted,
    font: `11px ${theme.fontFamily}`,
    grid: { stroke: theme.grid, width: 1 },
    ticks: { show: false },
  };
  const options: uPlot.Options = {
    ...size,
    legend: { show: false },
    padding: [8, 10, 0, 0],
    scales: {
      x: { time: false, range: () => horizontal(current()) },
      y: {
        distr: model.log ? 3 : 1,
        ...(model.log
          ? {}
          : { range: (_plot: uPlot, min: number, max: number) => vertical(model, min, max) }),
      },
    },
    axes: [
      { ...axis, size: 24, gap: 4, space: 48 },
      {
        ...axis,
        size: 58,
        gap: 6,
        space: 28,
        values: (_plot: uPlot, splits: (number | null)[]) =>
          splits.map((value) => (value === null ? '' : tickText(model, value, format))),
      },
    ],
    series: [{}, ...model.series.map((series) => seriesOptions(series, theme, current))],
    cursor: {
      sync: { key: SYNC.key, setSeries: false },
      y: false,
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      bind: { dblclick: () => () => (listener.zoom(undefined), null) },
    },
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    hooks: {
      setCursor: [(plot) => listener.hover(plot.cursor.idx ?? undefined)],
      setSelect: [(plot) => selected(plot, listener)],
      drawAxes: [(plot) => drawBest(plot, current())],
    },
  };
  return new uPlot(options, dataOf(model), target);
}

function seriesOptions(series: ChartSeries, theme: ChartTheme, current: () => PlotInput): uPlot.Series {
  const colour = theme.colours[series.style.colour] ?? theme.foreground;
  const dash = DASHES[series.style.dash] ?? [];
  const common: uPlot.Series = {
    label: series.label,
    stroke: colour,
    spanGaps: true,
    show: !current().hidden.includes(series.key),
    points: { show: false },
  };
  switch (series.kind) {
    case 'raw':
      return { ...common, width: 1, alpha: 0.28 };
    case 'train':
      return { ...common, width: 1.5, dash: [...dash] };
    case 'val':
      return {
        ...common,
        width: 2,
        dash: [...dash],
        points: { show: true, size: 6, width: 1.5, stroke: colour, fill: theme.background },
      };
  }
}

function horizontal({ model, zoom }: PlotInput): [number, number] {
  if (zoom) return [zoom.min, zoom.max];
  return [0, model.end > 0 ? model.end : 1];
}

/** Accuracy stays within 0..1, times begin at 0; a little air above and below elsewhere. */
function vertical({ id }: ChartModel, min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return id === 'loss' ? [0, 2] : [0, 1];
  const air = (max - min || Math.abs(max) || 1) * 0.06;
  if (id === 'accuracy') return [Math.max(0, min - air), Math.min(1.005, max + air)];
  if (id === 'loss') return [min - air < 0 && min >= 0 ? 0 : min - air, max + air];
  return [0, max + air];
}

function tickText(model: ChartModel, value: number, format: (value: number) => string): string {
  if (model.id === 'accuracy') return `${Math.round(value * 1000) / 10} %`;
  if (model.id === 'stepMs') return `${Number(value.toPrecision(3))} ms`;
  return model.id === 'learningRate' ? format(value) : String(Number(value.toPrecision(3)));
}

function selected(plot: uPlot, listener: PlotListener): void {
  const { left, width } = plot.select;
  if (width < 4) return;
  listener.zoom({ min: plot.posToVal(left, 'x'), max: plot.posToVal(left + width, 'x') });
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
}

/** A line where the best epoch ended, with its word: not by colour alone. */
function drawBest(plot: uPlot, { model, theme }: PlotInput): void {
  if (model.bestX === undefined) return;
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(model.bestX, 'x', true)) + 0.5;
  if (x < bbox.left - 1 || x > bbox.left + bbox.width + 1) return;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = theme.muted;
  ctx.lineWidth = ratio;
  ctx.setLineDash([2 * ratio, 3 * ratio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = `${11 * ratio}px ${theme.fontFamily}`;
  ctx.textBaseline = 'top';
  const leftSide = x > bbox.left + bbox.width / 2;
  ctx.textAlign = leftSide ? 'right' : 'left';
  ctx.fillText('best', x + (leftSide ? -5 : 5) * ratio, bbox.top + 2 * ratio);
  ctx.restore();
}
