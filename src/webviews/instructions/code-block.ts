import { html, type TemplateResult } from 'lit';
import { icon } from '../shared/icon';

const SHOWN_MS = 2000;

/** Code with a button that copies it, and says for a moment that it did. */
export function codeBlock(text: string, copy: (text: string) => void): TemplateResult {
  const press = (event: Event): void => {
    copy(text);
    const words = (event.currentTarget as HTMLElement).querySelector('.copy-words');
    if (!words) return;
    words.textContent = 'Copied';
    setTimeout(() => (words.textContent = 'Copy'), SHOWN_MS);
  };
  return html`<div class="code-block">
    <pre tabindex="0"><code>${text}</code></pre>
    <button type="button" class="copy" @click=${press}>
      ${icon('copy')}<span class="copy-words" aria-live="polite">Copy</span>
    </button>
  </div>`;
}
