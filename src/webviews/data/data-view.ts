import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { assertNever } from '../../protocol/assert-never';
import type { DataContent, DataHostFunctions, DataLook } from '../../protocol/data-view';
import { buttonIcon } from '../shared/icon';
import { LightElement } from '../shared/light-element';
import { fileName, shorten } from '../shared/text';
import './class-pictures';
import { classTable } from './class-table';
import { leftOut, warnings } from './notes';
import { ThumbnailQueue } from './thumbnail-queue';
import { fileFacts, preparationFacts, splitSentences, summary, type Fact } from './words';

/** Classes whose pictures are shown at once. */
const CLASSES_PER_PAGE = 20;

/** What an experiment learns from: counts, warnings, split, preparation, and pictures of each class. */
@customElement('tl-data')
export class DataView extends LightElement {
  @property({ attribute: false }) host!: Omit<DataHostFunctions, 'ready'>;
  @property({ attribute: false }) content: DataContent = { kind: 'reading', experiment: '' };
  @state() private pages = 1;
  private queue = new ThumbnailQueue((files) => this.host.thumbnails(files));
  private look: DataLook | undefined = undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('open-file', (event) => this.host.openFile((event as CustomEvent<string>).detail));
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('content') || this.content.kind === 'problem') return;
    if (this.content.kind === 'look' && this.content.look.key === this.look?.key) return;
    this.pages = 1;
    this.queue = new ThumbnailQueue((files) => this.host.thumbnails(files));
    this.look = this.content.kind === 'look' ? this.content.look : undefined;
  }

  protected override render(): TemplateResult {
    const { content } = this;
    switch (content.kind) {
      case 'reading':
        return html`<main>${title(content.experiment)}${reading(content.done, content.total)}</main>`;
      case 'problem':
        return html`<main>
          <div class="title-row">${title(content.experiment)}${this.again()}</div>
          <div role="status">
            <p>${shorten(content.message)}</p>
            <p class="hint">${shorten(content.remedy)}</p>
          </div>
        </main>`;
      case 'look':
        return html`<main>${this.page(content.look, content.file, content.saved)}</main>`;
      default:
        return assertNever(content);
    }
  }

  private again(): TemplateResult {
    return html`<div class="actions">
      <vscode-button secondary @click=${() => this.host.again()}
        >${buttonIcon('now')}Look again</vscode-button
      >
    </div>`;
  }

  private page(look: DataLook, file: string, saved: boolean): TemplateResult {
    const { experiment, report, preparation, assumptions } = look;
    const open = (path: string): void => this.host.openFile(path);
    return html`<header class="run-header">
        <div class="title-row">${title(experiment)}${this.again()}</div>
        <p class="sentence" role="status"><bdi>${shorten(report.name, 120)}</bdi>: ${summary(report)}</p>
        <p class="hint">
          <bdi>${shorten(report.root, 300)}</bdi>, read as <bdi>${shorten(fileName(file), 120)}</bdi> says${
            saved ? '' : ' in the editor, not saved yet'
          }.
          Nothing was trained or changed.
        </p>
      </header>
      ${warnings(report, open)}
      <section class="block" aria-labelledby="classes-heading">
        <h2 id="classes-heading">Pictures of each class</h2>
        ${classTable(report)}
      </section>
      <section class="block" aria-labelledby="split-heading">
        <h2 id="split-heading">How the split was made</h2>
        ${splitSentences(look).map((sentence) => html`<p class="hint">${sentence}</p>`)}
      </section>
      <section class="block" aria-labelledby="prepared-heading">
        <h2 id="prepared-heading">How pictures are prepared</h2>
        ${facts([...fileFacts(report), ...preparationFacts(preparation)])}
        <p class="hint">
          Mean and deviation are of values from 0 to 1, as in <bdi>${shorten(preparation.source, 200)}</bdi>:
          a network that sees other colours than it was trained on guesses worse.
        </p>
        ${assumptions.map((text) => html`<p class="hint">${shorten(text)}</p>`)}
      </section>
      ${this.pictures(look)} ${leftOut(report, open)}`;
  }

  private pictures({ report, samples }: DataLook): TemplateResult | typeof nothing {
    const shown = report.classes.slice(0, this.pages * CLASSES_PER_PAGE);
    const left = report.classes.length - shown.length;
    if (shown.length === 0) return nothing;
    return html`<section class="block" aria-labelledby="pictures-heading">
      <h2 id="pictures-heading">Some pictures of each class</h2>
      <p class="hint">Do they show what their class is called? A click opens the file.</p>
      ${shown.map(
        ({ className }, index) =>
          html`<div class="class-block">
            <h3><bdi>${shorten(className, 120)}</bdi></h3>
            ${
              samples[index]?.length
                ? html`<tl-class-pictures
                    .samples=${samples[index]}
                    .queue=${this.queue}
                  ></tl-class-pictures>`
                : html`<p class="empty">No picture of this class can be used.</p>`
            }
          </div>`,
      )}
      ${
        left > 0
          ? html`<div>
              <vscode-button secondary @click=${() => this.pages++}
                >Show ${Math.min(left, CLASSES_PER_PAGE)} more of ${left} classes</vscode-button
              >
            </div>`
          : nothing
      }
    </section>`;
  }
}

const title = (experiment: string): TemplateResult =>
  html`<h1>Data of <bdi>${shorten(experiment, 120)}</bdi></h1>`;

function reading(done: number | undefined, total: number | undefined): TemplateResult {
  if (total === undefined) return html`<p class="hint" role="status">Looking for the pictures.</p>`;
  return html`<progress
      class="run-progress preparing"
      aria-label="Pictures read"
      max=${total}
      .value=${done ?? 0}
    ></progress>
    <p class="hint" role="status">Looking at ${total.toLocaleString('en')} pictures.</p>
    <p class="note">${(done ?? 0).toLocaleString('en')} are done.</p>`;
}

function facts(list: readonly Fact[]): TemplateResult {
  return html`<dl class="preparation-facts">
    ${list.map(
      ({ name, value }) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
