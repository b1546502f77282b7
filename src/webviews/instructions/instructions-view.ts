import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type {
  Block,
  InstructionsDocument,
  InstructionsHostFunctions,
  InstructionsStatus,
  InstructionsViewState,
} from '../../protocol/instructions';
import { icon } from '../shared/icon';
import { LightElement } from '../shared/light-element';
import { drawBlock } from './blocks';
import { headingsIn, holdPlace, placeAt, type Place } from './place';
import { overview, taskBar, type TaskActions } from './tasks';
import { readState } from './view-state';
import { announcement } from './words';

/** A place is kept when the page has stood still for so long. */
const SETTLED_MS = 100;

/** The page: the README as blocks, with the state of each task under its heading. */
@customElement('tl-instructions')
export class InstructionsView extends LightElement {
  @property({ attribute: false }) host!: InstructionsHostFunctions;
  @property({ attribute: false }) viewState: InstructionsViewState = readState(undefined);
  @property({ attribute: false }) onState: (state: InstructionsViewState) => void = () => undefined;
  @state() private text: InstructionsDocument | undefined;
  @state() private status: InstructionsStatus | undefined;
  @state() private absent = '';
  @state() private spoken = '';
  /** Whether an earlier place is still being returned to; it is kept until then. */
  private returning = (): boolean => false;
  private settling: number | undefined;

  setDocument(text: InstructionsDocument): void {
    this.text = text;
    this.absent = '';
    const { folder, heading, offset } = this.viewState;
    const place: Place = text.folder === folder ? { heading, offset } : { heading: '', offset: 0 };
    this.keep({ version: 1, folder: text.folder, ...place });
  }

  /** It follows the text; the page is drawn when both are there. */
  setStatus(status: InstructionsStatus): void {
    const first = this.status === undefined;
    this.spoken = announcement(this.status, status) ?? this.spoken;
    this.status = status;
    if (first && (this.viewState.heading !== '' || this.viewState.offset > 0)) void this.goBack();
  }

  setMissing(words: string): void {
    this.absent = words;
  }

  private async goBack(): Promise<void> {
    await this.updateComplete;
    this.returning = holdPlace(this.viewState, this.main);
  }

  private get main(): HTMLElement {
    const main = this.querySelector('main');
    if (!main) throw new Error('The page has no main part.');
    return main;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('scroll', this.onScroll, { passive: true });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('scroll', this.onScroll);
    clearTimeout(this.settling);
  }

  protected override render(): TemplateResult {
    return html`<main>
        ${this.absent ? this.missing() : this.text && this.status ? this.page(this.text) : nothing}
      </main>
      <p class="visually-hidden" role="status" aria-live="polite">${this.spoken}</p>`;
  }

  private missing(): TemplateResult {
    return html`<div class="notice">
      ${icon('warning')}
      <p>${this.absent}</p>
    </div>`;
  }

  private page({ blocks, shortened }: InstructionsDocument): TemplateResult {
    const { status } = this;
    const actions = this.actions(blocks);
    const places = new Map(
      blocks.flatMap((one) => (one.type === 'heading' && one.task ? [[one.task, one.id]] : [])),
    );
    const titled = blocks[0]?.type === 'heading' && blocks[0].level === 1;
    const summary = status ? overview(status, places, actions) : nothing;
    return html`${status && !status.trusted ? this.untrusted() : nothing} ${titled ? nothing : summary}
    ${blocks.map(
      (block, index) =>
        html`${drawBlock(block, actions)} ${this.taskOf(block, actions)}
        ${titled && index === 0 ? summary : nothing}`,
    )}
    ${
      shortened
        ? html`<p class="note">
            The text goes on, but is too long to be shown here. Open README.md to read it all.
          </p>`
        : nothing
    }`;
  }

  private taskOf(block: Block, actions: TaskActions): TemplateResult | typeof nothing {
    const { status } = this;
    if (block.type !== 'heading' || !status) return nothing;
    const task = status.tasks.find(({ id }) => id === block.task);
    return task ? taskBar(task, status, actions) : nothing;
  }

  private untrusted(): TemplateResult {
    return html`<div class="notice">
      ${icon('shield')}
      <p>
        This folder is in Restricted Mode. Everything can be read, and hints can be shown; nothing is run or
        checked until the folder is trusted.
      </p>
      <vscode-button secondary @click=${() => this.host.manageTrust()}>Manage trust</vscode-button>
    </div>`;
  }

  private actions(blocks: readonly Block[]): TaskActions {
    const rows = new Set(
      blocks.flatMap((one) => (one.type === 'table' ? one.rows.flatMap(({ id }) => id ?? []) : [])),
    );
    return {
      act: (action) => this.host.act(action),
      openFile: (path, line) => this.host.openFile(path, line),
      copy: (text) => this.host.copy(text),
      openFinding: (check) => this.host.openFinding(check),
      explains: (mistake) => rows.has(mistake),
    };
  }

  private keep(state: InstructionsViewState): void {
    this.viewState = state;
    this.onState(state);
  }

  /** Not at `scrollend`: Chromium leaves it out after some scrolls that no hand made. */
  private readonly onScroll = (): void => {
    clearTimeout(this.settling);
    this.settling = window.setTimeout(() => this.keepPlace(), SETTLED_MS);
  };

  private keepPlace(): void {
    if (!this.text || this.returning()) return;
    this.keep({ ...this.viewState, ...placeAt(scrollY, headingsIn(this.main)) });
  }
}
