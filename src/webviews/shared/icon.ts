import { html, type TemplateResult } from 'lit';

/** Icons of styles/icons.css (`i-…`). */
export type IconName =
  | 'stop'
  | 'resume'
  | 'code'
  | 'report'
  | 'frozen'
  | 'trained'
  | 'best'
  | 'done'
  | 'now'
  | 'next'
  | 'warning'
  | 'error'
  | 'training'
  | 'paused'
  | 'table'
  | 'chart'
  | 'zoom-out'
  | 'missing'
  | 'picture'
  | 'play'
  | 'pass'
  | 'hint'
  | 'copy'
  | 'outside'
  | 'diff'
  | 'waits'
  | 'open'
  | 'shield'
  | 'text';

/** An icon that says nothing to a screen reader: a word stands beside each. */
export const icon = (name: IconName): TemplateResult =>
  html`<span class="icon i-${name}" aria-hidden="true"></span>`;

/** The same, in the place for it in a vscode-button. */
export const buttonIcon = (name: IconName): TemplateResult =>
  html`<span slot="content-before" class="icon i-${name}" aria-hidden="true"></span>`;
