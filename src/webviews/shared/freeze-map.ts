import { html, nothing, svg, type TemplateResult } from 'lit';
import type { LayerGroupInfo } from '../../protocol/events';
import { trainedOf, type StepCost } from '../../protocol/freeze-map';
import { icon } from './icon';
import { countText, MISSING, percent, rateText, shorten } from './text';

/** A layer group as the map draws it. */
export interface MapRow extends LayerGroupInfo {
  /** With the schedule's factor of this moment. */
  readonly learningRateNow?: number | undefined;
  /** ‖w − w0‖ / ‖w0‖ */
  readonly moved?: number | undefined;
  readonly cost?: StepCost;
}

export interface MapColumns {
  /** Label of the table for screen readers. */
  readonly label: string;
  readonly moved?: boolean;
  /** Operations of a step in which everything trains: what shares of the cost are of. */
  readonly wholeCost?: number;
}

const BAR_WIDTH = 120;

/**
 * Layer groups from input to output. Trained and frozen are told by words and by the pattern of the bars; the bars, whose
 * length is the number of parameters, say nothing that the cells do not.
 */
export function freezeTable(rows: readonly MapRow[], columns: MapColumns): TemplateResult {
  const largest = Math.max(1, ...rows.map(({ parameters }) => parameters));
  const { label, moved = false, wholeCost } = columns;
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${label}>
    <table class="freeze-map">
      <thead>
        <tr>
          <th scope="col">Group</th>
          <th scope="col">State</th>
          <th scope="col">Parameters</th>
          <th scope="col">BatchNorm</th>
          <th scope="col" class="number">Learning rate</th>
          ${moved ? html`<th scope="col" class="number">Moved</th>` : nothing}
          ${wholeCost === undefined ? nothing : html`<th scope="col" class="number">Cost of a step</th>`}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr class=${row.trainable ? 'trained' : 'frozen'}>
              <th scope="row"><bdi>${shorten(row.name, 80)}</bdi></th>
              <td>
                <span class="layer-state"
                  >${icon(row.trainable ? 'trained' : 'frozen')}${stateWords(row)}</span
                >
              </td>
              <td>${parameterBar(row, largest)}<span class="count">${countWords(row)}</span></td>
              <td>${batchNormWords(row)}</td>
              <td class="number">${rateWords(row)}</td>
              ${moved ? html`<td class="number">${movedWords(row)}</td>` : nothing}
              ${wholeCost === undefined ? nothing : html`<td class="number">${costWords(row, wholeCost)}</td>`}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Filled: trains. Hatched: frozen. */
function parameterBar(row: MapRow, largest: number): TemplateResult {
  const whole = Math.max(2, (row.parameters / largest) * BAR_WIDTH);
  const filled = row.parameters === 0 ? 0 : (trainedOf(row) / row.parameters) * whole;
  const hatches = Array.from(
    { length: Math.ceil((whole - filled) / 6) + 1 },
    (_, index) => filled + index * 6,
  );
  return html`<svg
    class="group-bar"
    viewBox="0 0 ${BAR_WIDTH} 10"
    width=${BAR_WIDTH}
    height="10"
    aria-hidden="true"
  >
    ${svg`<svg x="0" y="0" width=${whole} height="10" viewBox="0 0 ${whole} 10">
      <rect class="frozen-part" x="0.5" y="0.5" width=${Math.max(1, whole - 1)} height="9"></rect>
      ${hatches.map((x) => svg`<line class="hatch" x1=${x - 4} y1="10" x2=${x + 4} y2="0"></line>`)}
      <rect class="trained-part" x="0" y="0" width=${filled} height="10"></rect>
    </svg>`}
  </svg>`;
}

/** "trained", "partly trained", "frozen", or "frozen, output kept" */
export function stateWords(row: LayerGroupInfo): string {
  if (row.trainable) return trainedOf(row) < row.parameters ? 'partly trained' : 'trained';
  return row.cached === true ? 'frozen, output kept' : 'frozen';
}

function countWords(row: LayerGroupInfo): string {
  const trained = trainedOf(row);
  const all = countText(row.parameters);
  return trained > 0 && trained < row.parameters ? `${countText(trained)} of ${all}` : all;
}

/** What the statistics do, then scale and shift where they do not go with their group. */
export function batchNormWords({ batchNorm, buffers, trainable }: LayerGroupInfo): string {
  if (!batchNorm) return buffers === 0 ? 'none' : MISSING;
  const statistics = batchNorm.mode === 'train' ? 'train: statistics move' : 'eval: statistics stay';
  if (batchNorm.affine === trainable) return statistics;
  return `${statistics}, scale and shift ${batchNorm.affine ? 'train' : 'frozen'}`;
}

function rateWords({ learningRate, learningRateNow }: MapRow): string {
  if (learningRate === undefined) return MISSING;
  return learningRateNow === undefined
    ? rateText(learningRate)
    : `${rateText(learningRateNow)} of ${rateText(learningRate)}`;
}

/** "not", "0.042 %", "12.3 %": shares below a thousandth keep two digits, so that little is not read as nothing. */
export function movedWords({ moved }: Pick<MapRow, 'moved'>): string {
  if (moved === undefined) return MISSING;
  if (moved === 0) return 'not';
  return moved < 1e-3 ? `${Number((moved * 100).toPrecision(2))} %` : percent(moved);
}

function costWords({ cost, cached }: MapRow, whole: number): string {
  if (!cost) return MISSING;
  if (cached === true) return 'none';
  return percent((cost.forward + cost.backward) / Math.max(1, whole));
}

const SCHEDULES: Readonly<Record<string, string>> = {
  constant: 'Rates stay after a short rise.',
  linear: 'Rates fall on a straight line to zero, after a short rise.',
  cosine: 'Rates fall along half a cosine to zero, after a short rise.',
  oneCycle: 'Rates rise and fall once (one cycle).',
};

/** How rates change, in a sentence; nothing for a schedule of another version. */
export const scheduleWords = (name: string | undefined): string => SCHEDULES[name ?? ''] ?? '';

/** "0.84 GFLOPs": operations, with three digits. */
export function operationsText(operations: number): string {
  if (operations >= 1e9) return `${(operations / 1e9).toPrecision(3)} GFLOPs`;
  return `${(operations / 1e6).toPrecision(3)} MFLOPs`;
}
