import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Prediction } from '../../protocol/events';
import { fileName, isolate, lossText, percent, shorten } from '../shared/text';
import { icon } from '../shared/icon';
import { InSight } from '../shared/in-sight';
import { LightElement } from '../shared/light-element';
import { frame, safeAddress } from '../shared/picture-frame';
import { PICTURES_PER_ANSWER, PICTURES_PER_PAGE } from './predictions';

/** Addresses in the order asked; undefined where a file is gone. At most PICTURES_PER_ANSWER at a time. */
export type LoadPictures = (
  runId: string,
  files: readonly string[],
) => Promise<readonly (string | undefined)[]>;

/** Pictures with what the network said of them. Asked from the editor page by page, when they come into sight. */
@customElement('tl-pictures')
export class Pictures extends LightElement {
  @property({ attribute: false }) items: readonly Prediction[] = [];
  @property({ attribute: false }) classNames: readonly string[] = [];
  @property({ attribute: false }) runId = '';
  @property({ attribute: false }) load!: LoadPictures;
  @property({ type: Boolean }) withLoss = false;
  @state() private pages = 1;
  /** Address of a file; null where there is none. */
  @state() private addresses: ReadonlyMap<string, string | null> = new Map();
  private readonly asked = new Set<string>();
  private readonly sight = new InSight(this, () => void this.ask());

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('runId')) return;
    this.pages = 1;
    this.asked.clear();
    this.addresses = new Map();
  }

  protected override updated(): void {
    void this.ask();
  }

  protected override render(): TemplateResult {
    const left = this.items.length - this.shown.length;
    return html`<ul class="pictures">
        ${repeat(
          this.shown,
          ({ file }) => file,
          (item) => this.picture(item),
        )}
      </ul>
      ${
        left > 0
          ? html`<vscode-button secondary class="small" @click=${() => this.pages++}
              >Show ${Math.min(left, PICTURES_PER_PAGE)} more of ${left}</vscode-button
            >`
          : nothing
      }`;
  }

  private get shown(): readonly Prediction[] {
    return this.items.slice(0, this.pages * PICTURES_PER_PAGE);
  }

  private picture(item: Prediction): TemplateResult {
    const address = this.addresses.get(item.file);
    const truth = this.name(item.label);
    const said = this.name(item.predicted);
    const right = item.label === item.predicted;
    return html`<li>
      <button
        type="button"
        class="picture"
        title=${isolate(fileName(item.file))}
        @click=${() => this.open(item.file)}
      >
        <span class="frame">${frame(address)}</span>
        <span class="said">
          ${
            right
              ? html`<span class="visually-hidden">Recognised as </span>`
              : html`<span class="truth"><bdi>${shorten(truth, 60)}</bdi></span
                  ><span class="visually-hidden">, taken for </span>`
          }
          <span class="prediction">${icon(right ? 'done' : 'error')}<bdi>${shorten(said, 60)}</bdi></span>
          <span class="note"
            >${percent(item.probability)}<span class="visually-hidden"> sure</span>${
              this.withLoss ? html` · loss ${lossText(item.loss)}` : nothing
            }</span
          >
        </span>
      </button>
    </li>`;
  }

  private open(file: string): void {
    this.dispatchEvent(new CustomEvent('open-file', { detail: file, bubbles: true }));
  }

  private async ask(): Promise<void> {
    const files = this.shown.map(({ file }) => file).filter((file) => !this.asked.has(file));
    if (!this.sight.now || files.length === 0) return;
    const { runId } = this;
    for (const file of files) this.asked.add(file);
    for (let from = 0; from < files.length; from += PICTURES_PER_ANSWER) {
      const page = files.slice(from, from + PICTURES_PER_ANSWER);
      const addresses = await this.load(runId, page).catch(() => page.map(() => undefined));
      if (runId !== this.runId) return;
      this.addresses = new Map([
        ...this.addresses,
        ...page.map((file, index): [string, string | null] => [file, safeAddress(addresses[index])]),
      ]);
    }
  }

  private name(index: number): string {
    return this.classNames[index] ?? `class ${index}`;
  }
}
