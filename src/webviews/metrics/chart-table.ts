import { html, nothing, type TemplateResult } from 'lit';
import { shorten } from '../shared/text';
import { AXIS_TITLES, xText, type ChartModel } from './charts';
import type { XAxis } from './series';
import { chartTable } from './tables';

export interface ChartTableInput {
  readonly model: ChartModel;
  readonly axis: XAxis;
  readonly epochsOnly: boolean;
  readonly page: number | undefined;
  onEpochsOnly(only: boolean): void;
  onPage(page: number | undefined): void;
}

/** The numbers of a chart in pages; the newest page is shown until the learner turns it. */
export function chartTableView(input: ChartTableInput): TemplateResult {
  const { model, axis, epochsOnly } = input;
  const hasEpochs = model.series.some(({ kind }) => kind === 'val');
  const { header, rows, page, pages } = chartTable(model, (x) => xText(x, axis), {
    epochsOnly: epochsOnly && hasEpochs,
    page: input.page,
  });
  const turn = (label: string, to: number, usable: boolean): TemplateResult =>
    html`<vscode-button secondary class="small" ?disabled=${!usable} @click=${() => input.onPage(to)}
      >${label}</vscode-button
    >`;
  return html`<div class="chart-table">
    <div class="table-tools">
      ${
        hasEpochs
          ? html`<vscode-checkbox
              label="Ends of epochs only"
              .checked=${epochsOnly}
              @change=${(event: Event) =>
                input.onEpochsOnly((event.currentTarget as HTMLInputElement).checked)}
            ></vscode-checkbox>`
          : nothing
      }
      ${
        pages > 1
          ? html`<span class="pager">
              ${turn('Earlier', page - 1, page > 0)}
              <span>Page ${page + 1} of ${pages}</span>
              ${turn('Later', page + 1, page < pages - 1)}
            </span>`
          : nothing
      }
    </div>
    <div class="scroll" tabindex="0" role="region" aria-label="${model.title}: numbers">
      <table>
        <thead>
          <tr>
            <th scope="col">${AXIS_TITLES[axis]}</th>
            ${header.map((label) => html`<th scope="col" class="number"><bdi>${shorten(label, 80)}</bdi></th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([x, ...cells]) =>
              html`<tr>
                <th scope="row">${x}</th>
                ${cells.map((cell) => html`<td class="number">${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${rows.length === 0 ? html`<p class="empty">The first numbers appear with the first step.</p>` : nothing}
  </div>`;
}
