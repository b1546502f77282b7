import uPlot from 'uplot';
import type { RateTest } from '../../protocol/rate-test';
import { rateText } from '../shared/text';
import type { ChartTheme } from '../shared/theme';
import { lossRange } from './words';

export interface RatePlotInput {
  readonly test: RateTest;
  readonly theme: ChartTheme;
  readonly size: { readonly width: number; readonly height: number };
  hover(index: number | undefined): void;
}

export function dataOf({ points }: RateTest): uPlot.AlignedData {
  return [
    points.map(({ learningRate }) => learningRate),
    points.map(({ loss }) => loss),
    points.map(({ smoothedLoss }) => smoothedLoss),
  ];
}

/** Loss over learning rate on a logarithmic axis; reads `current` at every frame. */
export function createRatePlot(target: HTMLElement, current: () => RatePlotInput): uPlot {
  const { theme, size, test } = current();
  const axis: uPlot.Axis = {
    stroke: theme.muted,
    font: `11px ${theme.fontFamily}`,
    grid: { stroke: theme.grid, width: 1 },
    ticks: { show: false },
  };
  const [blue] = theme.colours;
  return new uPlot(
    {
      ...size,
      legend: { show: false },
      padding: [22, 12, 0, 0],
      scales: {
        x: { time: false, distr: 3, log: 10, range: () => [1e-7, 10] },
        y: { range: () => lossRange(current().test.points) },
      },
      axes: [
        {
          ...axis,
          grid: {
            ...axis.grid,
            filter: (_plot, splits) => splits.map((value) => (isPower(value) ? value : null)),
          },
          size: 26,
          gap: 5,
          space: 46,
          values: (_plot: uPlot, splits: (number | null)[]) =>
            splits.map((value) => (value === null || !isPower(value) ? '' : rateText(value))),
        },
        { ...axis, size: 52, gap: 6, space: 28 },
      ],
      series: [
        {},
        { label: 'batch', stroke: theme.foreground, width: 1, alpha: 0.28, points: { show: false } },
        { label: 'smoothed', stroke: blue ?? theme.foreground, width: 2, points: { show: false } },
      ],
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      hooks: {
        setCursor: [(plot) => current().hover(plot.cursor.idx ?? undefined)],
        draw: [(plot) => drawMarks(plot, current())],
      },
    },
    dataOf(test),
    target,
  );
}

const isPower = (value: number): boolean =>
  Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-6;

/** The suggestions as numbered points, so that none is told by colour alone, and the rate in the code as a dashed line. */
function drawMarks(plot: uPlot, { test, theme }: RatePlotInput): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `600 ${11 * ratio}px ${theme.fontFamily}`;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'center';
  if (test.plan) {
    const x = plot.valToPos(test.plan.current, 'x', true);
    ctx.strokeStyle = ctx.fillStyle = theme.muted;
    ctx.lineWidth = ratio;
    ctx.setLineDash([2 * ratio, 3 * ratio]);
    line(ctx, x, bbox.top, x, bbox.top + bbox.height);
    ctx.font = `${11 * ratio}px ${theme.fontFamily}`;
    ctx.fillText('now', x, bbox.top - 10 * ratio);
    ctx.font = `600 ${11 * ratio}px ${theme.fontFamily}`;
    ctx.setLineDash([]);
  }
  (test.result?.suggestions ?? []).forEach(({ learningRate, index }, number) => {
    const point = test.points[index];
    if (!point) return;
    const x = plot.valToPos(learningRate, 'x', true);
    const y = plot.valToPos(lossNear(test, learningRate), 'y', true);
    ctx.fillStyle = theme.background;
    ctx.strokeStyle = theme.foreground;
    ctx.lineWidth = 1.5 * ratio;
    ctx.beginPath();
    ctx.arc(x, y, 9 * ratio, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = theme.foreground;
    ctx.fillText(String(number + 1), x, y + ratio);
  });
  ctx.restore();
}

/** Of the point whose rate is nearest: a tenth of the lowest is no point of the curve itself. */
function lossNear({ points }: RateTest, rate: number): number {
  const distance = (one: number): number => Math.abs(Math.log(one / rate));
  return points.reduce((best, point) =>
    distance(point.learningRate) < distance(best.learningRate) ? point : best,
  ).smoothedLoss;
}

function line(ctx: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}
