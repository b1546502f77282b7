import { html, nothing, svg, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type uPlot from 'uplot';
import { COLOURS, DASHES } from '../shared/palette';
import type { ChartTheme } from '../shared/theme';
import { shorten } from '../shared/text';
import { chartTableView } from './chart-table';
import {
  AXIS_TITLES,
  CHART_FORMATS,
  chartSummary,
  xText,
  type ChartId,
  type ChartModel,
  type ChartSeries,
} from './charts';
import { buttonIcon } from '../shared/icon';
import { LightElement } from '../shared/light-element';
import { createPlot, dataOf, shapeOf, type PlotInput } from './plot';
import { lastValue, type XAxis } from './series';
import type { Zoom } from './view-state';

const ZOOM_STEP = 0.5;

/** One chart: curves with a legend that reads out the pointer, or the same numbers as a table. */
@customElement('tl-chart')
export class Chart extends LightElement {
  /** As few positions as pixels can show. */
  @property({ attribute: false }) model!: ChartModel;
  /** The same with every position, for the table. */
  @property({ attribute: false }) whole!: (id: ChartId) => ChartModel;
  @property({ attribute: false }) theme!: ChartTheme;
  @property({ attribute: false }) axis: XAxis = 'epoch';
  @property({ attribute: false }) zoom: Zoom | undefined = undefined;
  /** Keys of lines that are switched off. */
  @property({ attribute: false }) hiddenLines: readonly string[] = [];
  @property({ type: Boolean }) table = false;
  @state() private index: number | undefined = undefined;
  @state() private ownTable: boolean | undefined = undefined;
  @state() private page: number | undefined = undefined;
  @state() private epochsOnly = false;
  private plot: uPlot | undefined = undefined;
  private shape = '';
  private readonly resize = new ResizeObserver(() => this.fit());

  private get showsTable(): boolean {
    return this.ownTable ?? this.table;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resize.disconnect();
    this.dropPlot();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.resize.observe(this);
    this.requestUpdate();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('table')) this.ownTable = undefined;
  }

  protected override updated(): void {
    const target = this.querySelector<HTMLElement>('.plot');
    if (!target || this.model.x.length === 0) {
      this.dropPlot();
      return;
    }
    const shape = shapeOf(this);
    if (this.plot && shape === this.shape && target.contains(this.plot.root)) {
      this.refresh(this.plot);
      return;
    }
    this.dropPlot();
    this.shape = shape;
    this.plot = createPlot(target, () => this.input(target));
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const heading = `chart-${model.id}`;
    return html`<section class="chart" aria-labelledby=${heading}>
      <header class="chart-head">
        <h2 id=${heading}>${model.title}</h2>
        <span class="chart-at">${this.readoutTitle()}</span>
        ${
          this.zoom && !this.showsTable
            ? html`<vscode-button secondary class="small" @click=${() => this.tellZoom(undefined)}
                >${buttonIcon('zoom-out')}Show all</vscode-button
              >`
            : nothing
        }
        <vscode-button
          secondary
          class="small quiet"
          aria-pressed=${this.showsTable}
          aria-label="${model.title}: ${this.showsTable ? 'show curves' : 'show numbers as a table'}"
          @click=${() => (this.ownTable = !this.showsTable)}
          >${buttonIcon(this.showsTable ? 'chart' : 'table')}${this.showsTable ? 'Curves' : 'Table'}</vscode-button
        >
      </header>
      ${this.showsTable ? this.tableView() : this.curves()}
    </section>`;
  }

  private curves(): TemplateResult {
    const { model } = this;
    if (model.x.length === 0) return html`<p class="empty">The first numbers appear with the first step.</p>`;
    const shown = this.index ?? model.x.length - 1;
    return html`<div
        class="plot"
        tabindex="0"
        role="slider"
        aria-label="${model.title}, read out along ${AXIS_TITLES[this.axis].toLowerCase()}"
        aria-valuemin="0"
        aria-valuemax=${model.x.length - 1}
        aria-valuenow=${shown}
        aria-valuetext=${this.valueText(shown)}
        aria-describedby="summary-${model.id}"
        @keydown=${(event: KeyboardEvent) => this.onKey(event)}
        @blur=${() => this.leave()}
      ></div>
      <p id="summary-${model.id}" class="visually-hidden">
        ${chartSummary(model)} Arrow keys move, plus and minus zoom, Escape shows all.
      </p>
      <ul class="legend">
        ${model.series.filter(({ kind }) => kind !== 'raw').map((series) => this.legendItem(series))}
      </ul>`;
  }

  private legendItem(series: ChartSeries): TemplateResult {
    const format = CHART_FORMATS[this.model.id];
    const value = this.index === undefined ? series.last : lastValue(series.values, this.index);
    const off = this.hiddenLines.includes(series.key);
    const label = shorten(series.label, 120);
    return html`<li>
      <button
        type="button"
        class="legend-item ${off ? 'off' : ''}"
        aria-pressed=${!off}
        title=${off ? 'Show this line' : 'Hide this line'}
        @click=${() => this.toggle(series)}
      >
        ${swatch(series)}<bdi class="legend-name">${label}</bdi>
        <span class="number">${format(value)}</span>
        ${
          series.best
            ? html`<span class="note">best ${format(series.best.value)}, epoch ${series.best.epoch}</span>`
            : nothing
        }
      </button>
    </li>`;
  }

  private tableView(): TemplateResult {
    return chartTableView({
      model: this.whole(this.model.id),
      axis: this.axis,
      epochsOnly: this.epochsOnly,
      page: this.page,
      onEpochsOnly: (only) => {
        this.epochsOnly = only;
        this.page = undefined;
      },
      onPage: (page) => (this.page = page),
    });
  }

  private readoutTitle(): string {
    const x = this.index === undefined ? undefined : this.model.x[this.index];
    return x === undefined || this.showsTable ? '' : `at ${xText(x, this.axis)}`;
  }

  private valueText(index: number): string {
    const format = CHART_FORMATS[this.model.id];
    const parts = this.model.series
      .filter(({ kind, key }) => kind !== 'raw' && !this.hiddenLines.includes(key))
      .map(({ label, values }) => `${label} ${format(lastValue(values, index))}`);
    return `${xText(this.model.x[index] ?? 0, this.axis)}: ${parts.join(', ')}`;
  }

  private toggle({ key, kind }: ChartSeries): void {
    const keys = kind === 'train' ? [key, key.replace(/train$/, 'raw')] : [key];
    this.dispatchEvent(new CustomEvent('line-toggled', { detail: keys, bubbles: true }));
  }

  private onKey(event: KeyboardEvent): void {
    const last = this.model.x.length - 1;
    const from = this.index ?? last;
    const stride = event.shiftKey ? Math.max(10, Math.round(last / 20)) : 1;
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: from - stride,
      ArrowRight: from + stride,
      ArrowDown: from - stride,
      ArrowUp: from + stride,
      PageDown: from - Math.max(10, Math.round(last / 10)),
      PageUp: from + Math.max(10, Math.round(last / 10)),
      Home: 0,
      End: last,
    };
    const to = moves[event.key];
    if (to !== undefined) this.moveTo(Math.min(last, Math.max(0, to)));
    else if (event.key === '+' || event.key === '=') this.zoomAround(from, ZOOM_STEP);
    else if (event.key === '-') this.zoomAround(from, 1 / ZOOM_STEP);
    else if (event.key === 'Escape' || event.key === '0') this.tellZoom(undefined);
    else return;
    event.preventDefault();
  }

  private moveTo(index: number): void {
    this.index = index;
    const x = this.model.x[index];
    if (!this.plot || x === undefined) return;
    this.plot.setCursor({ left: this.plot.valToPos(x, 'x'), top: 0 });
    this.index = index; // The plot names the nearest position it can tell apart in pixels; keys move by one.
  }

  private zoomAround(index: number, factor: number): void {
    const whole = this.model.end;
    const centre = this.model.x[index] ?? whole;
    const { min, max } = this.zoom ?? { min: 0, max: whole };
    const width = (max - min) * factor;
    if (width >= whole) {
      this.tellZoom(undefined);
      return;
    }
    const start = Math.min(whole - width, Math.max(0, centre - width / 2));
    this.tellZoom({ min: start, max: start + width });
  }

  private leave(): void {
    this.plot?.setCursor({ left: -10, top: -10 });
    this.index = undefined;
  }

  private tellZoom(zoom: Zoom | undefined): void {
    this.dispatchEvent(new CustomEvent('zoom-changed', { detail: zoom, bubbles: true }));
  }

  private input(target: HTMLElement): PlotInput {
    const { model, theme, zoom, hiddenLines: hidden } = this;
    const size = { width: Math.max(120, target.clientWidth), height: Math.max(120, target.clientHeight) };
    return {
      model,
      theme,
      zoom,
      hidden,
      size,
      listener: {
        hover: (index) => (this.index = index),
        zoom: (range) => this.tellZoom(range),
      },
    };
  }

  private refresh(plot: uPlot): void {
    this.model.series.forEach(({ key }, index) => {
      const show = !this.hiddenLines.includes(key);
      if (plot.series[index + 1]?.show !== show) plot.setSeries(index + 1, { show });
    });
    if (plot.data[0] !== this.model.x || this.drawnZoom !== this.zoom) plot.setData(dataOf(this.model));
    this.drawnZoom = this.zoom;
  }

  private drawnZoom: Zoom | undefined = undefined;

  private fit(): void {
    const target = this.querySelector<HTMLElement>('.plot');
    if (target && this.plot) this.plot.setSize(this.input(target).size);
  }

  private dropPlot(): void {
    this.plot?.destroy();
    this.plot = undefined;
  }
}

/** A piece of the line as it is drawn: colour, dash, and dots for validation. */
function swatch({ kind, style }: ChartSeries): TemplateResult {
  const dash = (DASHES[style.dash] ?? []).join(' ') || 'none';
  return html`<svg
    class="swatch c-${COLOURS[style.colour] ?? 'blue'}"
    width="26"
    height="10"
    aria-hidden="true"
  >
    <line
      x1="0"
      y1="5"
      x2="26"
      y2="5"
      stroke-width=${kind === 'val' ? 2.5 : 1.5}
      stroke-dasharray=${dash}
    ></line>
    ${kind === 'val' ? svg`<circle cx="13" cy="5" r="3.2" stroke-width="1.5"></circle>` : nothing}
  </svg>`;
}
