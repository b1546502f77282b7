import { LitElement } from 'lit';

/** Draws into the page itself: one style sheet, and labels that can name any element. */
export abstract class LightElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}
