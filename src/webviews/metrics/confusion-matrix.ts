import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Evaluation, Prediction } from '../../protocol/events';
import { ITEM, itemsTitle, type ItemKind } from '../../protocol/items';
import { isolate, percent, shorten } from '../shared/text';
import { LightElement } from '../shared/light-element';
import type { LoadPictures } from './pictures';
import { cellPredictions, moveCell, type Cell } from './predictions';
import { confusedPairs, shareOf } from './tables';

/** More classes than this would make cells too small to read: the most frequent confusions are listed instead. */
export const MOST_CLASSES = 40;
const SHADES = 10;

/** Truth down, prediction across. A grid for the keyboard: arrows move, Enter shows the pictures or texts of a cell. */
@customElement('tl-confusion-matrix')
export class ConfusionMatrix extends LightElement {
  @property({ attribute: false }) evaluation!: Evaluation;
  @property({ attribute: false }) classNames: readonly string[] = [];
  @property({ attribute: false }) predictions: readonly Prediction[] = [];
  @property({ attribute: false }) runId = '';
  /** The cell whose pictures or texts are shown. */
  @property({ attribute: false }) chosen: Cell | undefined = undefined;
  @property({ attribute: false }) load!: LoadPictures;
  @property({ attribute: false }) kind: ItemKind = 'pictures';
  @state() private active: Cell = { truth: 0, predicted: 0 };
  /** The learner has chosen a cell here: what fell into it comes into sight. */
  private asked = false;

  protected override willUpdate(changed: PropertyValues<this>): void {
    const size = this.evaluation.confusion.length;
    if (changed.has('runId') && changed.get('runId') !== undefined) this.active = { truth: 0, predicted: 0 };
    if (changed.has('chosen') && this.chosen && inside(this.chosen, size)) this.active = this.chosen;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('chosen') || !this.asked) return;
    this.asked = false;
    this.querySelector('.cell-pictures')?.scrollIntoView({ block: 'nearest' });
  }

  protected override render(): TemplateResult {
    const size = this.evaluation.confusion.length;
    return html`${size > MOST_CLASSES ? this.pairs() : this.grid()} ${this.items()}`;
  }

  private grid(): TemplateResult {
    const { confusion } = this.evaluation;
    return html`<div class="scroll matrix-scroll">
        <table
          class="matrix"
          role="grid"
          aria-label="Confusion matrix: true class down, predicted class across"
        >
          <thead>
            <tr>
              <td class="corner"><span class="visually-hidden">True class</span></td>
              ${confusion.map(
                (_, index) =>
                  html`<th scope="col" role="columnheader" title=${isolate(this.name(index))}>
                    <span class="upright"><bdi>${shorten(this.name(index), 60)}</bdi></span>
                  </th>`,
              )}
            </tr>
          </thead>
          <tbody @keydown=${(event: KeyboardEvent) => this.onKey(event)}>
            ${confusion.map(
              (row, truth) =>
                html`<tr>
                  <th scope="row" role="rowheader" title=${isolate(this.name(truth))}>
                    <bdi>${shorten(this.name(truth), 60)}</bdi>
                  </th>
                  ${row.map((count, predicted) => this.cell(row, count, { truth, predicted }))}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      <p class="hint">
        Rows are what a ${ITEM[this.kind]} ${this.kind === 'texts' ? 'is' : 'shows'}, columns what the network
        said. Choose a cell to see its ${this.kind}; arrow keys move.
      </p>`;
  }

  private cell(row: readonly number[], count: number, at: Cell): TemplateResult {
    const share = shareOf(row, at.predicted);
    const right = at.truth === at.predicted;
    const shade = count === 0 ? 0 : Math.max(1, Math.round(share * SHADES));
    const { active } = this;
    const focusable = active.truth === at.truth && active.predicted === at.predicted;
    const label =
      `${isolate(this.name(at.truth))}, predicted ${isolate(this.name(at.predicted))}: ` +
      `${count}, ${Math.round(share * 100)} %${right ? ', right' : ''}`;
    return html`<td
      role="gridcell"
      class="${right ? 'right' : 'wrong'} shade-${shade} ${count === 0 ? 'none' : ''}"
      tabindex=${focusable ? 0 : -1}
      aria-selected=${same(this.chosen, at)}
      aria-label=${label}
      data-cell="${at.truth}/${at.predicted}"
      @click=${() => this.choose(at)}
      @focus=${() => (this.active = at)}
    >
      <span class="count">${count}</span>
      ${count === 0 ? nothing : html`<span class="share">${Math.round(share * 100)} %</span>`}
    </td>`;
  }

  private pairs(): TemplateResult {
    return html`<p class="hint">
        ${this.evaluation.confusion.length} classes: these were taken for one another most often.
      </p>
      <div class="scroll" tabindex="0" role="region" aria-label="Most frequent confusions">
        <table>
          <thead>
            <tr>
              <th scope="col">True class</th>
              <th scope="col">Predicted</th>
              <th scope="col" class="number">${itemsTitle(this.kind)}</th>
              <th scope="col" class="number">Share of the class</th>
            </tr>
          </thead>
          <tbody>
            ${confusedPairs(this.evaluation, 30).map(
              (pair) =>
                html`<tr>
                  <th scope="row"><bdi>${shorten(this.name(pair.truth))}</bdi></th>
                  <td>
                    <button type="button" class="link" @click=${() => this.choose(pair)}>
                      <bdi>${shorten(this.name(pair.predicted))}</bdi>
                    </button>
                  </td>
                  <td class="number">${pair.count}</td>
                  <td class="number">${percent(pair.share)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>`;
  }

  private items(): TemplateResult | typeof nothing {
    const { chosen } = this;
    if (!chosen || !inside(chosen, this.evaluation.confusion.length)) return nothing;
    const items = this.evaluation.split === 'val' ? cellPredictions(this.predictions, chosen) : [];
    const right = chosen.truth === chosen.predicted;
    const truth = html`<bdi>${shorten(this.name(chosen.truth), 80)}</bdi>`;
    const heading = right
      ? html`${truth}, recognised`
      : html`${truth} taken for <bdi>${shorten(this.name(chosen.predicted), 80)}</bdi>`;
    return html`<section class="cell-pictures" aria-labelledby="cell-heading">
      <h3 id="cell-heading" tabindex="-1">${heading} (${items.length})</h3>
      ${
        items.length === 0
          ? html`<p class="empty">${this.noItems(chosen)}</p>`
          : this.kind === 'texts'
            ? html`<tl-texts .items=${items} .classNames=${this.classNames} .runId=${this.runId}></tl-texts>`
            : html`<tl-pictures
                .items=${items}
                .classNames=${this.classNames}
                .runId=${this.runId}
                .load=${this.load}
              ></tl-pictures>`
      }
    </section>`;
  }

  private noItems({ truth, predicted }: Cell): string {
    if (this.evaluation.split === 'test') {
      return `The ${this.kind} of single cells are kept for the validation set. Show validation to look at them.`;
    }
    const count = this.evaluation.confusion[truth]?.[predicted] ?? 0;
    return count === 0
      ? `No ${ITEM[this.kind]} fell into this cell.`
      : `The ${this.kind} of this cell are not recorded yet.`;
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.choose(this.active);
      return;
    }
    if (event.key === 'Escape' && this.chosen) {
      this.tell(undefined);
      return;
    }
    const to = moveCell(this.active, event.key, event.ctrlKey, this.evaluation.confusion.length);
    if (!to) return;
    event.preventDefault();
    this.active = to;
    this.querySelector<HTMLElement>(`[data-cell="${to.truth}/${to.predicted}"]`)?.focus();
  }

  private choose({ truth, predicted }: Cell): void {
    this.tell(same(this.chosen, { truth, predicted }) ? undefined : { truth, predicted });
  }

  private tell(cell: Cell | undefined): void {
    this.asked = cell !== undefined;
    this.dispatchEvent(new CustomEvent('cell-chosen', { detail: cell, bubbles: true }));
  }

  private name(index: number): string {
    return this.classNames[index] ?? `class ${index}`;
  }
}

function same(a: Cell | undefined, b: Cell): boolean {
  return a?.truth === b.truth && a.predicted === b.predicted;
}

const inside = ({ truth, predicted }: Cell, size: number): boolean => truth < size && predicted < size;
