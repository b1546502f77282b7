import { html, svg, type TemplateResult } from 'lit';
import { calibrationWords, FEW_ITEMS } from '../../protocol/calibration';
import type { Calibration } from '../../protocol/events';
import { itemsTitle, type ItemKind } from '../../protocol/items';
import { percent } from '../shared/text';

const SIZE = 200;
const MARGIN = { left: 54, top: 8, right: 8, bottom: 34 };
const TICKS = [0, 0.5, 1];

/** Reliability diagram (Guo et al., 2017): how often it is right, by how sure it is. */
export function calibrationSection(calibration: Calibration, kind: ItemKind): TemplateResult {
  const filled = calibration.bins.filter(({ count }) => count > 0);
  return html`<section class="block wide" aria-labelledby="calibration-heading">
    <h2 id="calibration-heading">Is it as sure as it is right?</h2>
    <div class="calibration">
      ${diagram(calibration, kind)}
      <div>
        <p>${calibrationWords(calibration, kind)}</p>
        <p class="hint">
          Each column gathers the ${kind} of which the network was about equally sure; its height says how
          many of them it got right. On the dashed line, 80 % sure means right 8 times in 10. Pale columns
          hold fewer than ${FEW_ITEMS} ${kind}: their height is mostly chance.
        </p>
      </div>
    </div>
    <details>
      <summary>As a table</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="How sure and how right">
        <table>
          <thead>
            <tr>
              <th scope="col">How sure</th>
              <th scope="col" class="number">Mean</th>
              <th scope="col" class="number">Right</th>
              <th scope="col" class="number">${itemsTitle(kind)}</th>
            </tr>
          </thead>
          <tbody>
            ${filled.map(
              (bin) =>
                html`<tr>
                  <th scope="row">${percent(bin.lower)} to ${percent(bin.upper)}</th>
                  <td class="number">${percent(bin.confidence)}</td>
                  <td class="number">${percent(bin.accuracy)}</td>
                  <td class="number">${bin.count}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
  </section>`;
}

function diagram({ bins }: Calibration, kind: ItemKind): TemplateResult {
  const x = (share: number): number => MARGIN.left + share * SIZE;
  const y = (share: number): number => MARGIN.top + (1 - share) * SIZE;
  const width = MARGIN.left + SIZE + MARGIN.right;
  const height = MARGIN.top + SIZE + MARGIN.bottom;
  return html`<svg
    class="reliability"
    viewBox="0 0 ${width} ${height}"
    width=${width}
    height=${height}
    role="img"
    aria-label="How often the network is right, by how sure it is. The table below has the numbers."
  >
    ${TICKS.map(
      (tick) => svg`<g class="tick">
        <line x1=${x(0)} x2=${x(1)} y1=${y(tick)} y2=${y(tick)}></line>
        <text x=${MARGIN.left - 6} y=${y(tick)} dy="0.32em" text-anchor="end">${percentTick(tick)}</text>
        <text x=${x(tick)} y=${y(0) + 15} text-anchor=${tick === 1 ? 'end' : 'middle'}>${percentTick(tick)}</text>
      </g>`,
    )}
    ${bins
      .filter(({ count }) => count > 0)
      .map(
        (bin) => svg`<rect class="column ${bin.count < FEW_ITEMS ? 'few' : ''}"
          x=${x(bin.lower) + 1} width=${(bin.upper - bin.lower) * SIZE - 2}
          y=${y(Math.max(bin.accuracy, 0.005))} height=${Math.max(bin.accuracy, 0.005) * SIZE}>
          <title>${percent(bin.confidence)} sure, ${percent(bin.accuracy)} right: ${bin.count} ${kind}</title>
        </rect>`,
      )}
    <line class="diagonal" x1=${x(0)} y1=${y(0)} x2=${x(1)} y2=${y(1)}></line>
    <text class="axis" x=${x(0.5)} y=${height - 3} text-anchor="middle">how sure</text>
    <text class="axis" transform="translate(10 ${y(0.5)}) rotate(-90)" text-anchor="middle">
      how often right
    </text>
  </svg>`;
}

const percentTick = (share: number): string => `${Math.round(share * 100)} %`;
