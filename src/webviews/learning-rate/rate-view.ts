import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type uPlot from 'uplot';
import type { RateHostFunctions, RateTest, RateTestView } from '../../protocol/rate-test';
import { isOver } from '../../protocol/run-state';
import { buttonIcon, icon } from '../shared/icon';
import { LightElement } from '../shared/light-element';
import { lossText, rateText, shorten } from '../shared/text';
import { onThemeChange, readTheme, type ChartTheme } from '../shared/theme';
import { createRatePlot, dataOf } from './rate-plot';
import { curveSummary, statusSentence, SUGGESTION_TITLES } from './words';

/** The page: curve, suggestions, and buttons that write one of them into the code. */
@customElement('tl-learning-rate')
export class RateView extends LightElement {
  @property({ attribute: false }) host!: RateHostFunctions;
  @property({ attribute: false }) shown: RateTestView | undefined = undefined;
  @state() private index: number | undefined = undefined;
  @state() private theme: ChartTheme = readTheme();
  private plot: uPlot | undefined = undefined;
  private drawnTheme: ChartTheme | undefined = undefined;
  private stopWatching = (): void => undefined;
  private readonly resize = new ResizeObserver(() => this.fit());

  override connectedCallback(): void {
    super.connectedCallback();
    this.stopWatching = onThemeChange(() => (this.theme = readTheme()));
    this.resize.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stopWatching();
    this.resize.disconnect();
    this.drop();
  }

  protected override updated(): void {
    const target = this.querySelector<HTMLElement>('.plot');
    const test = this.shown?.test;
    if (!target || !test || test.points.length === 0) return this.drop();
    if (this.plot && this.drawnTheme === this.theme && target.contains(this.plot.root)) {
      if (this.plot.data[0].length === test.points.length && this.index !== undefined) return;
      this.plot.setData(dataOf(test));
      return;
    }
    this.drop();
    this.drawnTheme = this.theme;
    this.plot = createRatePlot(target, () => ({
      test: this.shown?.test ?? test,
      theme: this.theme,
      size: this.sizeOf(target),
      hover: (index) => (this.index = index),
    }));
  }

  protected override render(): TemplateResult {
    const { shown } = this;
    if (!shown)
      return html`<main>
        <section class="waiting"><h1>Waiting for the test</h1></section>
      </main>`;
    const { test, experiment } = shown;
    const over = isOver(test.run);
    const { steps } = test.plan ?? { steps: 1 };
    return html`<main>
      <header class="run-header">
        <div class="title-row">
          <h1>Learning rate of <bdi>${shorten(experiment, 200)}</bdi></h1>
          <div class="actions">
            ${
              over
                ? html`<vscode-button secondary @click=${() => this.host.again()}
                    >${buttonIcon('resume')}Test again</vscode-button
                  >`
                : html`<vscode-button
                    ?disabled=${test.run.status === 'stopping'}
                    @click=${() => this.host.stop()}
                    >${buttonIcon('stop')}Stop</vscode-button
                  >`
            }
            <vscode-button secondary @click=${() => this.host.revealExperiment()}
              >${buttonIcon('code')}Go to code</vscode-button
            >
          </div>
        </div>
        <progress
          class="run-progress ${test.run.status}"
          aria-label="Progress of the test"
          max=${steps}
          .value=${over ? steps : test.points.length}
        ></progress>
        <p class="sentence" role="status" aria-live="polite">${this.said(test)}</p>
        ${this.settings(test)}
      </header>
      ${this.problems(test)} ${test.points.length > 0 ? this.curve(test) : nothing}
      ${test.result ? this.suggestions(test) : nothing}
      ${test.points.length > 0 ? this.numbers(test) : nothing}
    </main>`;
  }

  /** Steps would talk without end: while they go on, only that they do is announced. */
  private said(test: RateTest): string {
    const found = test.result?.suggestions.length ?? 0;
    return `${statusSentence(test)}${found > 0 ? ` The curve suggests ${found} rates.` : ''}`;
  }

  private settings({ plan, run }: RateTest): TemplateResult | typeof nothing {
    if (!plan) return nothing;
    return html`<p class="note setting">
      Tried on a copy of the network: nothing of it is kept. Strategy
      <bdi>${shorten(plan.strategy, 80)}</bdi>, <bdi>${shorten(plan.phase, 80)}</bdi> (${plan.trained.length}
      layer ${plan.trained.length === 1 ? 'group trains' : 'groups train, their rates scale together'}). In
      the code: <code>learningRate</code> ${rateText(plan.current)}${
        run.model ? html` · <bdi>${shorten(run.model.name, 80)}</bdi>` : nothing
      }.
    </p>`;
  }

  private problems({ run }: RateTest): TemplateResult | typeof nothing {
    const { problem } = run;
    if (!problem) return nothing;
    return html`<section class="problems" aria-label="Problems">
      <div class="problem error">
        ${icon('error')}
        <p><bdi>${shorten(problem.message)}</bdi> <bdi>${shorten(problem.remedy)}</bdi></p>
      </div>
    </section>`;
  }

  private curve(test: RateTest): TemplateResult {
    const { points } = test;
    const shown = this.index ?? points.length - 1;
    return html`<section class="chart chart-rate" aria-labelledby="curve-heading">
      <header class="chart-head">
        <h2 id="curve-heading">Loss at each learning rate</h2>
        <span class="chart-at">${this.index === undefined ? '' : this.readout(test, this.index)}</span>
      </header>
      <div
        class="plot"
        tabindex="0"
        role="slider"
        aria-label="Loss, read out along the learning rate"
        aria-valuemin="0"
        aria-valuemax=${points.length - 1}
        aria-valuenow=${shown}
        aria-valuetext=${this.readout(test, shown)}
        aria-describedby="curve-summary"
        @keydown=${(event: KeyboardEvent) => this.onKey(event, points.length - 1)}
      ></div>
      <p id="curve-summary" class="visually-hidden">${curveSummary(test)} Arrow keys move.</p>
      <p class="note legend-note">
        Thick: the smoothed loss. Faint: single
        batches.${test.result?.suggestions.length ? ' Numbers: the suggestions below.' : ''}
      </p>
    </section>`;
  }

  private readout({ points }: RateTest, index: number): string {
    const point = points[index];
    return point ? `learning rate ${rateText(point.learningRate)}: loss ${lossText(point.smoothedLoss)}` : '';
  }

  private suggestions({ result, plan }: RateTest): TemplateResult {
    const suggestions = result?.suggestions ?? [];
    return html`<section class="block" aria-labelledby="suggestions-heading">
      <h2 id="suggestions-heading">Suggestions</h2>
      ${
        suggestions.length === 0
          ? nothing
          : html`<div class="scroll">
              <table class="suggestions">
                <thead>
                  <tr>
                    <th scope="col">Reading</th>
                    <th scope="col" class="number">learningRate</th>
                    <th scope="col"><span class="visually-hidden">Use</span></th>
                    <th scope="col">Why</th>
                  </tr>
                </thead>
                <tbody>
                  ${suggestions.map(
                    ({ id, learningRate, reason }, number) =>
                      html`<tr>
                        <th scope="row"><span class="mark">${number + 1}</span>${SUGGESTION_TITLES[id]}</th>
                        <td class="number">${rateText(learningRate)}</td>
                        <td>
                          ${
                            learningRate === plan?.current
                              ? html`<span class="note">in the code</span>`
                              : html`<vscode-button
                                  class="small"
                                  ?secondary=${number > 0}
                                  aria-label="Use this rate: ${rateText(learningRate)}"
                                  @click=${() => this.host.useRate(id)}
                                  >Use this rate</vscode-button
                                >`
                          }
                        </td>
                        <td class="reason">${reason}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`
      }
      ${result?.note === undefined ? nothing : html`<p class="hint">${result.note}</p>`}
      <p class="hint">
        Single batches decide here, so a reading is a good guess and no more: a run of a few epochs tells how
        good it is.
      </p>
    </section>`;
  }

  private numbers({ points }: RateTest): TemplateResult {
    return html`<details>
      <summary>All steps as numbers</summary>
      <div class="scroll chart-table" tabindex="0" role="region" aria-label="All steps">
        <table>
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col" class="number">Learning rate</th>
              <th scope="col" class="number">Loss of the batch</th>
              <th scope="col" class="number">Smoothed</th>
            </tr>
          </thead>
          <tbody>
            ${points.map(
              ({ learningRate, loss, smoothedLoss }, step) =>
                html`<tr>
                  <th scope="row">${step + 1}</th>
                  <td class="number">${rateText(learningRate)}</td>
                  <td class="number">${lossText(loss)}</td>
                  <td class="number">${lossText(smoothedLoss)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`;
  }

  private onKey(event: KeyboardEvent, last: number): void {
    const from = this.index ?? last;
    const stride = event.shiftKey ? 10 : 1;
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: from - stride,
      ArrowRight: from + stride,
      ArrowDown: from - stride,
      ArrowUp: from + stride,
      PageDown: from - 10,
      PageUp: from + 10,
      Home: 0,
      End: last,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.moveTo(Math.min(last, Math.max(0, to)));
  }

  private moveTo(index: number): void {
    const rate = this.shown?.test.points[index]?.learningRate;
    if (this.plot && rate !== undefined) this.plot.setCursor({ left: this.plot.valToPos(rate, 'x'), top: 0 });
    this.index = index; // The plot names the nearest point that pixels can tell apart; keys move by one.
  }

  private sizeOf(target: HTMLElement): { readonly width: number; readonly height: number } {
    return { width: Math.max(120, target.clientWidth), height: Math.max(140, target.clientHeight) };
  }

  private fit(): void {
    const target = this.querySelector<HTMLElement>('.plot');
    if (target && this.plot) this.plot.setSize(this.sizeOf(target));
  }

  private drop(): void {
    this.plot?.destroy();
    this.plot = undefined;
  }
}
