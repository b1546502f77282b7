import { html, type TemplateResult } from 'lit';

/**
 * A button that runs with the text: a real one would not break over lines. It has no `href`, so that VS Code, which follows links
 * by itself, leaves it to us.
 */
export function textButton(
  role: 'button' | 'link',
  className: string,
  press: () => void,
  content: unknown,
): TemplateResult {
  const key = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && !(event.key === ' ' && role === 'button')) return;
    event.preventDefault();
    press();
  };
  return html`<a class=${className} role=${role} tabindex="0" @click=${press} @keydown=${key}>${content}</a>`;
}
