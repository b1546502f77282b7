import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { itemKind } from '../../protocol/items';
import { isOver } from '../../protocol/run-state';
import type { CandidateRun, MetricsHostFunctions, RunHistory, RunUpdate } from '../../protocol/webview';
import { assignStyles, type LineStyle } from '../shared/palette';
import { onThemeChange, readTheme, type ChartTheme } from '../shared/theme';
import { calibrationSection } from './calibration-section';
import { CHARTS, chartModel, type ChartId, type ChartModel } from './charts';
import { LightElement } from '../shared/light-element';
import { freezeSection } from './freeze-section';
import type { LoadPictures } from './pictures';
import { mistakesSection } from './mistakes-section';
import type { Cell } from './predictions';
import { preparation, problems, runHeader, type HeaderActions } from './run-header';
import { evaluationsOf, type RunModel } from './run-model';
import { RunStore } from './run-store';
import { classTable, comparison, evaluationLine } from './sections';
import { runChooser, toolbar } from './toolbar';
import { chooseFocus, DEFAULT_STATE, type ViewState, type Zoom } from './view-state';
import { announcement, heardOf, type Heard } from './words';

/** The editor's functions as this view calls them. */
export type Host = Pick<MetricsHostFunctions, 'pictures'> & {
  [Name in Exclude<keyof MetricsHostFunctions, 'pictures'>]: (
    ...values: Parameters<MetricsHostFunctions[Name]>
  ) => void;
};

/** Silence between two announcements of epochs, so that quick epochs do not talk without end. */
const QUIET_MS = 3000;
/** When nothing was sent by then, there is nothing to send. */
const PATIENCE_MS = 4000;

/** The page: what the editor sends goes in, everything is drawn anew from it. */
@customElement('tl-metrics')
export class MetricsView extends LightElement {
  @property({ attribute: false }) host!: Host;
  @property({ attribute: false }) viewState: ViewState = DEFAULT_STATE;
  @property({ attribute: false }) onState: (state: ViewState) => void = () => undefined;
  @state() private runs: readonly RunModel[] = [];
  @state() private candidateRuns: readonly CandidateRun[] = [];
  @state() private spoken = '';
  @state() private waitedLong = false;
  @state() private theme: ChartTheme = readTheme();
  private readonly store = new RunStore();
  private styles: ReadonlyMap<string, LineStyle> = new Map();
  private charts: readonly ChartModel[] = [];
  private heard: Heard | undefined = undefined;
  private lastSpokenMs = 0;
  private stopWatching = (): void => undefined;
  private readonly wholeChart = (id: ChartId): ChartModel => this.chart(id, true);
  private readonly loadPictures: LoadPictures = (runId, files) => this.host.pictures(runId, files);

  // --- what the editor calls ---

  setHistory(runs: readonly RunHistory[], named: string, parts: number): void {
    if (this.store.begin(runs, named, parts)) this.adopt();
  }

  addUpdates(updates: readonly RunUpdate[]): void {
    if (this.store.update(updates)) this.adopt();
    else this.runs = this.store.runs;
  }

  setCandidates(runs: readonly CandidateRun[]): void {
    this.candidateRuns = runs;
  }

  /** Draws what the store has, which may be other runs than before. */
  private adopt(): void {
    const first = this.runs.length === 0;
    this.runs = this.store.runs;
    const runIds = this.runs.map(({ state }) => state.runId);
    this.styles = assignStyles(runIds, this.styles);
    this.change({ runIds, focusedRunId: chooseFocus(this.viewState, runIds, this.store.named) });
    if (first) void this.scrollBack(this.viewState.scrollTop);
  }

  private async scrollBack(top: number): Promise<void> {
    await this.updateComplete;
    requestAnimationFrame(() => scrollTo({ top, behavior: 'instant' }));
  }

  // --- life ---

  override connectedCallback(): void {
    super.connectedCallback();
    this.stopWatching = onThemeChange(() => (this.theme = readTheme()));
    setTimeout(() => (this.waitedLong = true), PATIENCE_MS);
    this.addEventListener('zoom-changed', this.onZoom);
    this.addEventListener('line-toggled', this.onLine);
    this.addEventListener('cell-chosen', this.onCell);
    this.addEventListener('open-file', this.onOpenFile);
    addEventListener('scrollend', this.onScroll);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stopWatching();
    this.removeEventListener('zoom-changed', this.onZoom);
    this.removeEventListener('line-toggled', this.onLine);
    this.removeEventListener('cell-chosen', this.onCell);
    this.removeEventListener('open-file', this.onOpenFile);
    removeEventListener('scrollend', this.onScroll);
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('runs') || changed.has('viewState')) {
      this.charts = CHARTS.map((id) => this.chart(id));
      this.speak();
    }
  }

  protected override render(): TemplateResult {
    const run = this.focused;
    return html`<main>${run ? this.page(run) : this.waiting()}</main>
      <p class="visually-hidden" role="status" aria-live="polite">${this.spoken}</p>`;
  }

  private chart(id: ChartId, all = false): ChartModel {
    const { xAxis, smoothing, logScale, focusedRunId, zoom } = this.viewState;
    const options = { axis: xAxis, smoothing, log: logScale, styles: this.styles, focusedRunId, zoom, all };
    return chartModel(id, this.runs, options);
  }

  // --- parts of the page ---

  private page(run: RunModel): TemplateResult {
    const { state } = run;
    const started = this.runs.some((one) => one.state.steps.length > 0);
    return html`${runHeader(run, this.actions(state.runId))} ${problems(run)}
    ${runChooser({
      runs: this.runs,
      candidates: this.candidateRuns,
      styles: this.styles,
      focusedRunId: state.runId,
      focus: (runId) => this.focusRun(runId),
      show: (runIds) => this.host.show(runIds),
    })}
    ${state.steps.length === 0 && !isOver(state) ? preparation(state) : nothing}
    ${started ? this.curves() : nothing}
    ${
      this.runs.length > 1
        ? comparison(this.runs, this.styles, state.runId, (runId) => this.focusRun(runId))
        : nothing
    }
    ${this.results(run)}`;
  }

  private curves(): TemplateResult {
    return html`${toolbar(this.viewState, (changed) => this.change(changed))}
      <div class="charts">
        ${this.charts.map(
          (model) =>
            html`<tl-chart
              class="chart-${model.id}"
              .model=${model}
              .whole=${this.wholeChart}
              .theme=${this.theme}
              .axis=${this.viewState.xAxis}
              .zoom=${this.viewState.zoom}
              .hiddenLines=${this.viewState.hiddenLines}
              .table=${this.viewState.showTables}
            ></tl-chart>`,
        )}
      </div>`;
  }

  private results(run: RunModel): TemplateResult {
    const { state, phases } = run;
    const found = evaluationsOf(state);
    const evaluation = found[this.viewState.split] ?? found.val ?? found.test;
    const classNames = state.data?.classNames ?? evaluation?.perClass.map((one) => one.className) ?? [];
    const kind = itemKind(state.data);
    return html`<div class="results">
      ${
        evaluation
          ? html`<section class="block results-block" aria-labelledby="results-heading">
                <div class="block-head">
                  <h2 id="results-heading">Results</h2>
                  ${found.val && found.test ? this.splitChoice(evaluation.split) : nothing}
                </div>
                ${evaluationLine(evaluation, state.bestEpoch ?? 0, kind)}
                <h3>Confusion matrix</h3>
                <tl-confusion-matrix
                  .evaluation=${evaluation}
                  .classNames=${classNames}
                  .predictions=${state.predictions}
                  .runId=${state.runId}
                  .chosen=${this.viewState.cell}
                  .load=${this.loadPictures}
                  .kind=${kind}
                ></tl-confusion-matrix>
              </section>
              <section class="block classes-block" aria-labelledby="classes-heading">
                <h2 id="classes-heading">Each class</h2>
                ${classTable(evaluation, kind)}
              </section>`
          : this.noResults(run)
      }
      ${state.layerGroups.length > 0 ? freezeSection(state, phases) : nothing}
      ${evaluation?.calibration ? calibrationSection(evaluation.calibration, kind) : nothing}
      ${evaluation ? mistakesSection(run, classNames, this.loadPictures) : nothing}
    </div>`;
  }

  private splitChoice(now: 'val' | 'test'): TemplateResult {
    const choice = (split: 'val' | 'test', words: string): TemplateResult =>
      html`<button
        type="button"
        class="chip ${split === now ? 'focused' : ''}"
        aria-pressed=${split === now}
        @click=${() => this.change({ split })}
      >
        ${words}
      </button>`;
    return html`<div class="chips" role="group" aria-label="Results on">
      ${choice('val', 'Validation')} ${choice('test', 'Test')}
    </div>`;
  }

  private noResults({ state }: RunModel): TemplateResult | typeof nothing {
    if (state.steps.length === 0 || isOver(state)) return nothing;
    return html`<section class="block" aria-labelledby="results-heading">
      <h2 id="results-heading">Results</h2>
      <p class="empty">
        At the end of each epoch the network is asked about the validation ${itemKind(state.data)}. Then the
        confusion matrix, the results for each class and the worst mistakes appear here.
      </p>
    </section>`;
  }

  private waiting(): TemplateResult {
    return html`<section class="waiting" aria-labelledby="waiting-heading">
      <h1 id="waiting-heading">${this.waitedLong ? 'No run to show' : 'Waiting for the run'}</h1>
      <p class="hint">
        ${
          this.waitedLong
            ? 'Choose Fine-tune above an experiment in your code, or a run in the Runs view. Its curves appear here while it trains.'
            : 'The editor is reading what the run has written so far.'
        }
      </p>
    </section>`;
  }

  // --- changes ---

  private get focused(): RunModel | undefined {
    return (
      this.runs.find(({ state }) => state.runId === this.viewState.focusedRunId) ?? this.runs[0] ?? undefined
    );
  }

  private actions(runId: string): HeaderActions {
    return {
      stop: () => this.host.stop(runId),
      resume: () => this.host.resume(runId),
      reveal: () => this.host.revealExperiment(runId),
      report: () => this.host.openReport(runId),
      tryIt: () => this.host.tryIt(runId),
    };
  }

  private focusRun(runId: string): void {
    this.change({ focusedRunId: runId });
  }

  private change(changed: Partial<ViewState>): void {
    const before = this.viewState;
    const next = { ...before, ...changed };
    // Positions on one axis mean nothing on another, nor cells of one matrix in another.
    const otherRun = next.focusedRunId !== before.focusedRunId && before.focusedRunId !== '';
    const otherAxis = next.xAxis !== before.xAxis;
    this.viewState = {
      ...next,
      ...(otherRun || otherAxis ? { zoom: undefined } : {}),
      ...(otherRun || next.split !== before.split ? { cell: undefined } : {}),
    };
    this.onState(this.viewState);
  }

  private readonly onZoom = (event: Event): void => {
    this.change({ zoom: (event as CustomEvent<Zoom | undefined>).detail ?? undefined });
  };

  private readonly onLine = (event: Event): void => {
    const keys = (event as CustomEvent<readonly string[]>).detail;
    const before = this.viewState.hiddenLines;
    const kept = before.filter((key) => !keys.includes(key));
    this.change({ hiddenLines: kept.length < before.length ? kept : [...before, ...keys] });
  };

  private readonly onCell = (event: Event): void => {
    this.change({ cell: (event as CustomEvent<Cell | undefined>).detail ?? undefined });
  };

  private readonly onScroll = (): void => {
    if (this.runs.length > 0) this.change({ scrollTop: Math.round(scrollY) });
  };

  private readonly onOpenFile = (event: Event): void => {
    const runId = this.focused?.state.runId;
    if (runId !== undefined) this.host.openFile(runId, (event as CustomEvent<string>).detail);
  };

  private speak(): void {
    const state = this.focused?.state;
    if (!state) return;
    const text = announcement(this.heard, state);
    const changedStatus = this.heard?.status !== state.status;
    const now = Date.now();
    if (text !== undefined && !changedStatus && now - this.lastSpokenMs < QUIET_MS) return;
    this.heard = heardOf(state);
    if (text === undefined) return;
    this.spoken = text;
    this.lastSpokenMs = now;
  }
}
