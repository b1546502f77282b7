import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Prediction } from '../../protocol/events';
import { icon } from '../shared/icon';
import { LightElement } from '../shared/light-element';
import { fileName, isolate, lossText, percent, shorten } from '../shared/text';

const TEXTS_PER_PAGE = 20;

/** Texts with what the network said of them; a click opens the file at its line. */
@customElement('tl-texts')
export class Texts extends LightElement {
  @property({ attribute: false }) items: readonly Prediction[] = [];
  @property({ attribute: false }) classNames: readonly string[] = [];
  @property({ attribute: false }) runId = '';
  @state() private pages = 1;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('runId')) this.pages = 1;
  }

  protected override render(): TemplateResult {
    const shown = this.items.slice(0, this.pages * TEXTS_PER_PAGE);
    const left = this.items.length - shown.length;
    return html`<ul class="texts">
        ${shown.map((item) => this.text(item))}
      </ul>
      ${
        left > 0
          ? html`<vscode-button secondary class="small" @click=${() => this.pages++}
              >Show ${Math.min(left, TEXTS_PER_PAGE)} more of ${left}</vscode-button
            >`
          : nothing
      }`;
  }

  private text(item: Prediction): TemplateResult {
    const right = item.label === item.predicted;
    return html`<li>
      <button
        type="button"
        class="text-item"
        title="Open ${isolate(fileName(item.file))}"
        @click=${() => this.dispatchEvent(new CustomEvent('open-file', { detail: item.file, bubbles: true }))}
      >
        <span class="words"><bdi>${shorten(item.text ?? fileName(item.file))}</bdi></span>
        <span class="verdict">
          ${
            right
              ? html`<span class="visually-hidden">Recognised as </span>`
              : html`<span>is <bdi class="truth">${shorten(this.name(item.label), 60)}</bdi></span>`
          }
          <span class="prediction"
            >${icon(right ? 'done' : 'error')}${right ? nothing : 'said '}<bdi
              >${shorten(this.name(item.predicted), 60)}</bdi
            ></span
          >
          <span class="note"
            >${percent(item.probability)}<span class="visually-hidden"> sure</span> · loss
            ${lossText(item.loss)}</span
          >
        </span>
      </button>
    </li>`;
  }

  private name(index: number): string {
    return this.classNames[index] ?? `class ${index}`;
  }
}
