import { html, svg, type TemplateResult } from 'lit';
import type { ClassCounts, DataReport } from '../../protocol/data-report';
import { shorten } from '../shared/text';
import { SPLITS, SPLIT_WORDS, totalOf } from './words';

const BAR = 160;

/** Counts of each class in each split, as numbers and as bars of one scale. */
export function classTable(report: Pick<DataReport, 'classes'>): TemplateResult {
  const { classes } = report;
  const most = Math.max(1, ...classes.map(({ train, val, test }) => train + val + test));
  return html`<div class="scroll class-counts" tabindex="0" role="region" aria-label="Pictures of each class">
    <table>
      <thead>
        <tr>
          <th scope="col">Class</th>
          ${SPLITS.map(
            (split) =>
              html`<th scope="col" class="number">
                <span class="key of-${split}" aria-hidden="true"></span>${capital(SPLIT_WORDS[split])}
              </th>`,
          )}
          <th scope="col" class="bars" aria-hidden="true"></th>
        </tr>
      </thead>
      <tbody>
        ${classes.map(
          (row) =>
            html`<tr>
              <th scope="row"><bdi>${shorten(row.className, 120)}</bdi></th>
              ${SPLITS.map((split) => html`<td class="number">${row[split].toLocaleString('en')}</td>`)}
              <td class="bars" aria-hidden="true">${bar(row, most)}</td>
            </tr>`,
        )}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">All</th>
          ${SPLITS.map((split) => html`<td class="number">${totalOf(report, split).toLocaleString('en')}</td>`)}
          <td class="bars" aria-hidden="true"></td>
        </tr>
      </tfoot>
    </table>
  </div>`;
}

function bar(row: ClassCounts, most: number): TemplateResult {
  let x = 0;
  const parts = SPLITS.map((split) => {
    const width = (row[split] / most) * BAR;
    const part = svg`<rect class="of-${split}" x=${x} width=${width} height="10"></rect>`;
    x += width;
    return part;
  });
  return html`<svg class="class-bar" width=${BAR} height="10" viewBox="0 0 ${BAR} 10">${parts}</svg>`;
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
