import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
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
