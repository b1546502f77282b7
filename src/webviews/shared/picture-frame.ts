import { html, type TemplateResult } from 'lit';
import { icon } from './icon';

/** A picture in its square. @param address undefined: it is on its way; null: there is none */
export function frame(address: string | null | undefined): TemplateResult {
  if (address === undefined) return html`<span class="placeholder"></span>`;
  if (address === null) return html`<span class="placeholder">${icon('missing')} not found</span>`;
  return html`<img src=${address} alt="" decoding="async" />`;
}

/** Pictures come as data; anything else is not one of the editor's answers. */
export function safeAddress(address: string | null | undefined): string | null {
  return typeof address === 'string' && /^(data:image\/(?!svg)|https:)/.test(address) ? address : null;
}
