import { html, nothing, type TemplateResult } from 'lit';
import type { CandidateRun } from '../../protocol/webview';
import type { LineStyle } from '../shared/palette';
import { shorten } from '../shared/text';
import { legendNames, type RunModel } from './run-model';
import { lineSwatch } from './sections';
import { weightOf, windowOf, type XAxis } from './series';
import type { ViewState } from './view-state';

/** Slider positions: a factor of ten each ten, so that short and long runs can both be smoothed. */
const POSITIONS = 30;

export function toolbar(state: ViewState, change: (changed: Partial<ViewState>) => void): TemplateResult {
  const window = Math.round(windowOf(state.smoothing));
  const position = Math.round(Math.log10(windowOf(state.smoothing)) * 10);
  const words = window <= 1 ? 'off' : `over about ${window} steps`;
  return html`<div class="toolbar" role="group" aria-label="How curves are drawn">
    <span class="field">
      <label for="smoothing">Smoothing</label>
      <input
        id="smoothing"
        type="range"
        min="0"
        max=${POSITIONS}
        .value=${String(position)}
        aria-valuetext=${words}
        @input=${(event: Event) =>
          change({
            smoothing: weightOf(10 ** ((event.currentTarget as HTMLInputElement).valueAsNumber / 10)),
          })}
      />
      <span class="note smoothing-words" aria-hidden="true">${words}</span>
    </span>
    <span class="field">
      <vscode-label for="x-axis">Along</vscode-label>
      <vscode-single-select
        id="x-axis"
        .value=${state.xAxis}
        @change=${(event: Event) => change({ xAxis: (event.currentTarget as HTMLInputElement).value as XAxis })}
      >
        <vscode-option value="epoch" ?selected=${state.xAxis === 'epoch'}>Epochs</vscode-option>
        <vscode-option value="step" ?selected=${state.xAxis === 'step'}>Steps</vscode-option>
        <vscode-option value="seconds" ?selected=${state.xAxis === 'seconds'}>Time</vscode-option>
      </vscode-single-select>
    </span>
    <vscode-checkbox
      label="Logarithmic loss and rate"
      .checked=${state.logScale}
      @change=${(event: Event) => change({ logScale: (event.currentTarget as HTMLInputElement).checked })}
    ></vscode-checkbox>
    <vscode-checkbox
      label="Numbers as tables"
      .checked=${state.showTables}
      @change=${(event: Event) => change({ showTables: (event.currentTarget as HTMLInputElement).checked })}
    ></vscode-checkbox>
  </div>`;
}

export interface ChooserInput {
  readonly runs: readonly RunModel[];
  readonly candidates: readonly CandidateRun[];
  readonly styles: ReadonlyMap<string, LineStyle>;
  readonly focusedRunId: string;
  focus(runId: string): void;
  show(runIds: readonly string[]): void;
}

/** Which runs are drawn, whose details are shown, and which others could be drawn too. */
export function runChooser(input: ChooserInput): TemplateResult | typeof nothing {
  const { runs, candidates, styles, focusedRunId } = input;
  if (candidates.length < 2 && runs.length < 2) return nothing;
  const shown = runs.map(({ state }) => state.runId);
  const names = legendNames(runs);
  const toggle = (runId: string): void => {
    const others = shown.filter((id) => id !== runId);
    input.show(others.length < shown.length ? others : [...shown, runId]);
  };
  return html`<div class="chooser">
    ${
      runs.length > 1
        ? html`<div class="chips" role="group" aria-label="Run in focus">
            ${runs.map(
              ({ state }) =>
                html`<button
                  type="button"
                  class="chip ${state.runId === focusedRunId ? 'focused' : ''}"
                  aria-pressed=${state.runId === focusedRunId}
                  @click=${() => input.focus(state.runId)}
                >
                  ${lineSwatch(styles.get(state.runId))}<bdi
                    >${shorten(names.get(state.runId) ?? '', 120)}</bdi
                  >
                </button>`,
            )}
          </div>`
        : nothing
    }
    <details class="candidates">
      <summary>Runs drawn: ${runs.length} of ${Math.max(candidates.length, runs.length)}</summary>
      <div class="candidate-list" role="group" aria-label="Runs of this file">
        ${candidates.map(({ runId, title }) => {
          const drawn = shown.includes(runId);
          return html`<vscode-checkbox
            label=${shorten(title, 120)}
            .checked=${drawn}
            ?disabled=${drawn && shown.length === 1}
            @change=${() => toggle(runId)}
          ></vscode-checkbox>`;
        })}
      </div>
    </details>
  </div>`;
}
