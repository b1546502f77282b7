import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { TriedPicture, TryContent, TryHostFunctions } from '../../protocol/try-picture';
import { buttonIcon, icon } from '../shared/icon';
import { LightElement } from '../shared/light-element';
import { isolate, percent, shorten } from '../shared/text';
import { drawHeat, drawScale } from './heat-canvas';
import { incoming, type Transfer } from './incoming';
import { choiceSentence, heatWords, statusSentence } from './words';

const LIMITS = 'PNG, JPEG, WebP, GIF, TIFF or AVIF; at most 50 MB and 50 million pixels.';

/** The page: a picture goes in; what the network says of it, and where it looked, comes out. */
@customElement('tl-try-picture')
export class TryView extends LightElement {
  @property({ attribute: false }) host!: TryHostFunctions;
  @property({ attribute: false }) content: TryContent | undefined = undefined;
  /** What is shown was kept over a reload: the editor does not have the picture any more. */
  @property({ attribute: false }) restored = false;
  @state() private chosen = 0;
  /** Of the heat map, in percent. */
  @state() private opacity = 50;
  @state() private over = false;
  /** What was dropped and cannot be tried. */
  @state() private refused: { readonly message: string; readonly remedy: string } | undefined = undefined;
  private shownPicture: TriedPicture | undefined = undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('paste', this.onPaste);
    document.addEventListener('dragover', this.onDragOver);
    document.addEventListener('dragleave', this.onDragLeave);
    document.addEventListener('drop', this.onDrop);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('paste', this.onPaste);
    document.removeEventListener('dragover', this.onDragOver);
    document.removeEventListener('dragleave', this.onDragLeave);
    document.removeEventListener('drop', this.onDrop);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('content')) this.refused = undefined;
    const picture = this.content?.result?.picture;
    if (picture === this.shownPicture) return;
    // The same picture at another layer has the same classes, so the learner's choice stays.
    if (picture?.address !== this.shownPicture?.address) this.chosen = 0;
    this.shownPicture = picture;
  }

  protected override updated(): void {
    const picture = this.content?.result?.picture;
    const heat = this.querySelector<HTMLCanvasElement>('canvas.heat');
    const scale = this.querySelector<HTMLCanvasElement>('canvas.scale');
    if (!picture || !heat) return;
    drawHeat(heat, { ...picture.layer, values: picture.classes[this.chosen]?.heat ?? [] });
    heat.style.opacity = String(this.opacity / 100);
    if (scale) drawScale(scale);
  }

  protected override render(): TemplateResult {
    const { content } = this;
    if (!content)
      return html`<main>
        <section class="waiting"><h1>Waiting for the run</h1></section>
      </main>`;
    const { result } = content;
    const problem = this.refused ?? content.problem;
    return html`<main class=${this.over ? 'over' : ''}>
      <header class="run-header">
        <h1>Try a picture: <bdi>${shorten(content.title, 200)}</bdi></h1>
        <p class="sentence" role="status" aria-live="polite">${statusSentence(content)}</p>
      </header>
      ${
        problem
          ? html`<section class="problems" role="alert">
              <div class="problem error">
                ${icon('error')}
                <p>
                  <bdi>${shorten(problem.message, 1000)}</bdi> <bdi>${shorten(problem.remedy, 1000)}</bdi>
                </p>
              </div>
            </section>`
          : nothing
      }
      <section class="drop" aria-label="Your picture">
        <vscode-button @click=${() => this.host.choose()}
          >${buttonIcon('picture')}Choose a picture…</vscode-button
        >
        <p>or drop one on this view (hold Shift while you drop), or paste one.</p>
        <p class="note">${LIMITS} It stays on this computer.</p>
      </section>
      ${result ? this.resultOf(result.name, result.picture) : nothing}
      ${result ? this.explanation(result.picture) : nothing}
    </main>`;
  }

  private resultOf(name: string, picture: TriedPicture): TemplateResult {
    const { address, side, prepared, classes } = picture;
    const chosen = classes[this.chosen];
    return html`<div class="tried">
      ${this.answers(picture)}
      <section class="block looked" aria-labelledby="looked-heading">
        <h2 id="looked-heading">Where it looked</h2>
        <div class="stack">
          <img src=${address} alt="${isolate(name)}, as the network sees it: ${side} x ${side} pixels" />
          <canvas class="heat" aria-hidden="true"></canvas>
        </div>
        <div class="legend-row note">
          <span>nothing</span><canvas class="scale" aria-hidden="true"></canvas
          ><span>most for <bdi>${shorten(chosen?.name ?? '', 60)}</bdi></span>
        </div>
        <p class="note" id="heat-words">${chosen ? heatWords(chosen, picture) : ''}</p>
        <div class="controls">
          <span class="field">
            <label for="opacity">Heat map over the picture</label>
            <input
              id="opacity"
              type="range"
              min="0"
              max="100"
              step="5"
              .value=${String(this.opacity)}
              aria-valuetext="${this.opacity} %"
              @input=${(event: Event) => (this.opacity = (event.currentTarget as HTMLInputElement).valueAsNumber)}
            />
          </span>
          ${this.layerField(picture)}
        </div>
        <details>
          <summary>How the picture was prepared</summary>
          <ul class="prepared">
            ${prepared.map((sentence) => html`<li><bdi>${shorten(sentence, 600)}</bdi></li>`)}
          </ul>
        </details>
      </section>
    </div>`;
  }

  private layerField({ layers, layer }: TriedPicture): TemplateResult | typeof nothing {
    if (layers.length < 2 || this.restored) return nothing;
    const choose = (event: Event): void =>
      this.host.readLayer((event.currentTarget as HTMLInputElement).value);
    return html`<span class="field">
      <vscode-label for="layer">Read at</vscode-label>
      <vscode-single-select id="layer" .value=${layer.name} @change=${choose}>
        ${layers.map(
          ({ name, rows, columns }) =>
            html`<vscode-option value=${name} ?selected=${name === layer.name}
              >${name}, ${rows} x ${columns}</vscode-option
            >`,
        )}
      </vscode-single-select>
    </span>`;
  }

  private answers(picture: TriedPicture): TemplateResult {
    const { classes, numClasses } = picture;
    return html`<section class="block answers" aria-labelledby="answers-heading">
      <h2 id="answers-heading">What it says</h2>
      <table>
        <caption class="note">
          ${numClasses > classes.length ? `The surest ${classes.length} of ${numClasses} classes. ` : ''}Choose
          a class to see what speaks for it.
        </caption>
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col" class="number">Probability</th>
            <th scope="col" class="bar-cell"><span class="visually-hidden">As a bar</span></th>
          </tr>
        </thead>
        <tbody>
          ${classes.map(
            ({ name, probability }, index) =>
              html`<tr class=${index === this.chosen ? 'chosen' : ''}>
                <th scope="row">
                  <label
                    ><input
                      type="radio"
                      name="class"
                      .checked=${index === this.chosen}
                      @change=${() => (this.chosen = index)}
                    /><bdi>${shorten(name, 120)}</bdi></label
                  >
                </th>
                <td class="number">${percent(probability)}</td>
                <td class="bar-cell">
                  <svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="track" width="100" height="8"></rect>
                    <rect class="part" width=${(probability * 100).toFixed(2)} height="8"></rect>
                  </svg>
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
      <p class="hint">${choiceSentence(picture)}</p>
    </section>`;
  }

  private explanation({ layer }: TriedPicture): TemplateResult {
    return html`<section class="block" aria-labelledby="colours-heading">
      <h2 id="colours-heading">What the colours show, and what they do not</h2>
      <p class="hint">
        This is Grad-CAM (Selvaraju et al., 2017), read at ${shorten(layer.name, 60)}. There the network
        describes each part of the picture with many channels. Each channel counts as much as the chosen
        class’s score would rise with it; bright is where the channels that count are strong.
      </p>
      <ul class="limits hint">
        <li>
          It is coarse: here ${layer.rows} x ${layer.columns} cells for the whole picture, and each cell has
          seen far beyond its own place. The smooth edges are drawn, not measured. Earlier layers have finer
          grids, but they answer to edges and colours more than to classes.
        </li>
        <li>It shows only what speaks for the one chosen class. What speaks against it stays dark.</li>
        <li>
          Each map is brightest at its own strongest place, so two maps cannot be compared in strength. A
          class of 0.1 % has a bright spot, too.
        </li>
        <li>
          It is no cause: bright does not prove that the network would answer otherwise without that part.
          Cover the part, try the picture again, and see.
        </li>
      </ul>
    </section>`;
  }

  private readonly onPaste = (event: ClipboardEvent): void => {
    if (event.clipboardData) this.take(event.clipboardData, event);
  };

  private readonly onDragOver = (event: DragEvent): void => {
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
    this.over = true;
  };

  private readonly onDragLeave = (event: DragEvent): void => {
    if (event.relatedTarget === null) this.over = false;
  };

  private readonly onDrop = (event: DragEvent): void => {
    event.preventDefault();
    this.over = false;
    if (event.dataTransfer) this.take(event.dataTransfer, event);
  };

  private take(transfer: Transfer, event: Event): void {
    const found = incoming(transfer);
    if (!found) return;
    event.preventDefault();
    this.refused = undefined;
    switch (found.kind) {
      case 'file':
        return this.host.tryFile(found.address);
      case 'refused':
        this.refused = found;
        return;
      case 'bytes':
        void found.file
          .arrayBuffer()
          .then((bytes) => this.host.tryBytes(found.name, new Uint8Array(bytes)))
          .catch(() => {
            this.refused = {
              message: `${found.name} could not be read.`,
              remedy: 'A folder cannot be dropped here; choose one picture.',
            };
          });
    }
  }
}
