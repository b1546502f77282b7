import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { FEW_ITEMS } from '../../protocol/calibration';
import type { Calibration } from '../../protocol/events';
import { html } from './html';
import type { Html } from './html';

export interface Curve {
  readonly label: string;
  /** Index of the colour, from 0. */
  readonly color: number;
  readonly dashed: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const WIDTH = 560;
const HEIGHT = 300;
const MARGIN = { top: 12, right: 12, bottom: 36, left: 48 };

/** Curves over epochs as SVG; colours come from the page's style, so that dark and print work. */
export function lineChart(title: string, curves: readonly Curve[], format: (value: number) => string): Html {
  const points = curves.flatMap((curve) => curve.points).filter(([, y]) => Number.isFinite(y));
  if (points.length === 0) return html`<p class="quiet">${title}: no finished epoch.</p>`;
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const x = scaleLinear(
    [Math.min(...xs), Math.max(...xs, Math.min(...xs) + 1)],
    [MARGIN.left, WIDTH - MARGIN.right],
  );
  const y = scaleLinear([Math.min(0, ...ys), Math.max(...ys)], [HEIGHT - MARGIN.bottom, MARGIN.top]).nice(5);
  const path = line<readonly [number, number]>()
    .defined(([, value]) => Number.isFinite(value))
    .x(([value]) => round(x(value)))
    .y(([, value]) => round(y(value)));
  const horizontal = y
    .ticks(5)
    .map(
      (value) =>
        html`<g transform="translate(0,${round(y(value))})"
          ><line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" /><text
            x="${MARGIN.left - 8}"
            dy="0.32em"
            text-anchor="end"
            >${format(value)}</text
          ></g
        >`,
    );
  const vertical = x
    .ticks(8)
    .filter(Number.isInteger)
    .map(
      (value) =>
        html`<text x="${round(x(value))}" y="${HEIGHT - MARGIN.bottom + 18}" text-anchor="middle"
          >${value}</text
        >`,
    );
  const paths = curves.map(
    (curve) =>
      html`<path
        class="curve c${curve.color % 8}${curve.dashed ? ' dashed' : ''}"
        d="${path([...curve.points]) ?? ''}"
        ><title>${curve.label}</title></path
      >`,
  );
  return html`<figure>
    <figcaption>${title}</figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
      ${horizontal}${vertical}
      <text x="${(MARGIN.left + WIDTH) / 2}" y="${HEIGHT - 4}" text-anchor="middle">epoch</text>
      ${paths}
    </svg>
  </figure>`;
}

/** How often it is right (0..1) over how sure it is (0..1), with the diagonal on which both are the same. */
export function reliabilityChart({ bins }: Calibration): Html {
  const size = 220;
  const left = MARGIN.left + 12; // The tick's words and the axis' beside them.
  const x = scaleLinear([0, 1], [left, left + size]);
  const y = scaleLinear([0, 1], [MARGIN.top + size, MARGIN.top]);
  const ticks = [0, 0.5, 1].map(
    (tick) =>
      html`<line class="grid" x1="${x(0)}" x2="${x(1)}" y1="${y(tick)}" y2="${y(tick)}" /><text
          x="${left - 8}"
          y="${y(tick)}"
          dy="0.32em"
          text-anchor="end"
          >${tick * 100} %</text
        ><text x="${x(tick)}" y="${y(0) + 18}" text-anchor="middle">${tick * 100} %</text>`,
  );
  const columns = bins
    .filter(({ count }) => count > 0)
    .map(({ lower, upper, accuracy, count }) => {
      const top = y(Math.max(accuracy, 0.005));
      return html`<rect
        class="column${count < FEW_ITEMS ? ' few' : ''}"
        x="${round(x(lower) + 1)}"
        width="${round(x(upper) - x(lower) - 2)}"
        y="${round(top)}"
        height="${round(y(0) - top)}"
      />`;
    });
  const width = left + size + 28;
  const height = MARGIN.top + size + 44;
  return html`<svg
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="img"
    aria-label="How often the network is right, by how sure it is"
  >
    ${ticks}${columns}
    <line class="diagonal" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}" />
    <text x="${x(0.5)}" y="${height - 4}" text-anchor="middle">how sure</text>
    <text transform="translate(10 ${y(0.5)}) rotate(-90)" text-anchor="middle">how often right</text>
  </svg>`;
}

export function legend(labels: readonly string[]): Html {
  if (labels.length < 1) return html``;
  const entries = labels.map(
    (label, index) =>
      html`<li>
        <svg width="24" height="8" aria-hidden="true">
          <line class="curve c${index % 8}" x1="0" x2="24" y1="4" y2="4" />
        </svg>
        ${label}
      </li>`,
  );
  return html`<ul class="legend">
    ${entries}
    <li class="quiet">solid: validation, dashed: training</li>
  </ul>`;
}

const round = (value: number): number => Math.round(value * 100) / 100;
