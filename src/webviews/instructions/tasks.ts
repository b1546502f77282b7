import { html, nothing, type TemplateResult } from 'lit';
import type { Finding, InstructionsStatus, TaskStatus } from '../../protocol/instructions';
import { buttonIcon, icon } from '../shared/icon';
import { shorten } from '../shared/text';
import type { Followed } from './blocks';
import { textButton } from './text-button';
import { checkingText, doneText, hintButtonText, TASK_LOOKS } from './words';

export interface TaskActions extends Followed {
  openFinding(check: string): void;
  /** Whether the README explains a mistake of this name. */
  explains(mistake: string): boolean;
}

/** Under the title: the tasks with their states, what is wrong with the file as a whole, and the check. */
export function overview(
  status: InstructionsStatus,
  places: ReadonlyMap<string, string>,
  actions: TaskActions,
): TemplateResult {
  return html`<section class="overview" aria-label="Tasks of this exercise">
    <ol class="tasks">
      ${status.tasks.map((task) => {
        const [name, words] = TASK_LOOKS[task.state];
        const place = places.get(task.id);
        return html`<li class="state-${task.state}">
          ${icon(name)}
          <span>${place === undefined ? task.title : html`<a href=${`#${place}`}>${task.title}</a>`}</span>
          <span class="note">${words}</span>
        </li>`;
      })}
    </ol>
    ${findings(status.findings, actions)}
    <div class="bar">
      ${checkButton(status, actions)}
      <span class="note">${status.checking === undefined ? doneText(status) : checkingText(status)}</span>
    </div>
  </section>`;
}

/** Under a task's heading: its state, what can be done about it, what the check found, and the hints shown so far. */
export function taskBar(task: TaskStatus, status: InstructionsStatus, actions: TaskActions): TemplateResult {
  const [name, words] = TASK_LOOKS[task.state];
  const { hints, hintCount } = task;
  const next =
    hints.length < hintCount
      ? html`<vscode-button secondary @click=${() => actions.act({ action: 'hint', task: task.id })}
          >${buttonIcon('hint')}${hintButtonText(task)}</vscode-button
        >`
      : nothing;
  return html`<div class="task">
    <div class="bar">
      <span class="badge state-${task.state}">${icon(name)}${words}</span>
      ${checkButton(status, actions)} ${next}
    </div>
    ${findings(task.findings, actions)} ${hintList(task)}
  </div>`;
}

function checkButton({ checking }: InstructionsStatus, actions: TaskActions): TemplateResult {
  const busy = checking !== undefined;
  return html`<vscode-button
    secondary
    ?disabled=${busy}
    aria-label=${busy ? 'Checking' : 'Check this exercise'}
    @click=${() => actions.act({ action: 'check' })}
    >${buttonIcon(busy ? 'training' : 'pass')}${busy ? 'Checking …' : 'Check'}</vscode-button
  >`;
}

function findings(found: readonly Finding[], actions: TaskActions): TemplateResult | typeof nothing {
  if (found.length === 0) return nothing;
  return html`<ul class="findings">
    ${found.map(
      ({ check, title, status, message, mistake, hasPlace }) =>
        html`<li class="state-${status}">
          ${icon(status === 'wrong' ? 'warning' : 'open')}
          <span>
            <bdi>${shorten(message ?? title, 2000)}</bdi>
            ${hasPlace ? textButton('link', 'file', () => actions.openFinding(check), 'Go to the line') : nothing}
            ${
              mistake !== undefined && actions.explains(mistake)
                ? html`<a href=${`#${mistake}`}>What this means</a>`
                : nothing
            }
          </span>
        </li>`,
    )}
  </ul>`;
}

function hintList({ hints, hintCount }: TaskStatus): TemplateResult | typeof nothing {
  if (hints.length === 0) return nothing;
  return html`<details class="hints" open>
    <summary>Hints: ${hints.length} of ${hintCount}</summary>
    <ol>
      ${hints.map((hint) => html`<li>${hint}</li>`)}
    </ol>
  </details>`;
}
