import { html, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Sample } from '../../protocol/data-view';
import { InSight } from '../shared/in-sight';
import { LightElement } from '../shared/light-element';
import { frame, safeAddress } from '../shared/picture-frame';
import { fileName, isolate, shorten } from '../shared/text';
import type { ThumbnailQueue } from './thumbnail-queue';
import { SPLIT_WORDS } from './words';

/** Some pictures of one class, asked for when they come into sight. */
@customElement('tl-class-pictures')
export class ClassPictures extends LightElement {
  @property({ attribute: false }) samples: readonly Sample[] = [];
  @property({ attribute: false }) queue!: ThumbnailQueue;
  /** Address of a file; null where there is none. */
  @state() private addresses: ReadonlyMap<string, string | null> = new Map();
  private asked = new Set<string>();
  private readonly sight = new InSight(this, () => this.ask());

  protected override willUpdate(changed: PropertyValues<this>): void {
    // Pictures may have changed under the same names: a new look begins anew.
    if (!changed.has('queue')) return;
    this.asked = new Set();
    this.addresses = new Map();
  }

  protected override updated(): void {
    this.ask();
  }

  protected override render(): TemplateResult {
    return html`<ul class="pictures">
      ${repeat(
        this.samples,
        ({ file }) => file,
        ({ file, split }) =>
          html`<li>
            <button
              type="button"
              class="picture"
              title=${isolate(fileName(file))}
              @click=${() => this.open(file)}
            >
              <span class="frame">${frame(this.addresses.get(file))}</span>
              <span class="said"
                ><bdi>${shorten(fileName(file), 60)}</bdi
                ><span class="note">${SPLIT_WORDS[split]}</span></span
              >
            </button>
          </li>`,
      )}
    </ul>`;
  }

  private open(file: string): void {
    this.dispatchEvent(new CustomEvent('open-file', { detail: file, bubbles: true }));
  }

  private ask(): void {
    if (!this.sight.now) return;
    const { queue } = this;
    for (const { file } of this.samples) {
      if (this.asked.has(file)) continue;
      this.asked.add(file);
      void queue.ask(file).then((address) => {
        if (queue === this.queue) this.addresses = new Map(this.addresses).set(file, safeAddress(address));
      });
    }
  }
}
