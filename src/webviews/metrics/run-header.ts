import { html, nothing, type TemplateResult } from 'lit';
import { itemKind } from '../../protocol/items';
import type { Problem } from '../../protocol/errors';
import { progressOf } from '../../protocol/progress';
import { estimateOutcome, isOver, type RunState, type RunStatus } from '../../protocol/run-state';
import { durationText, percent, shorten } from '../shared/text';
import { buttonIcon, icon, type IconName } from '../shared/icon';
import type { RunModel } from './run-model';
import { amountText, headerFacts, preparationSteps, STATUS_WORDS, statusSentence } from './words';

export interface HeaderActions {
  stop(): void;
  resume(): void;
  reveal(): void;
  report(): void;
  tryIt(): void;
}

const STATUS_ICONS: Readonly<Record<RunStatus, IconName>> = {
  starting: 'training',
  preparing: 'training',
  training: 'training',
  stopping: 'training',
  finished: 'done',
  stopped: 'paused',
  failed: 'error',
  interrupted: 'warning',
};

/** Which run this is, what it does now, and what can be done with it. */
export function runHeader(run: RunModel, actions: HeaderActions): TemplateResult {
  const { state } = run;
  const sentence = statusSentence(state);
  return html`<header class="run-header">
    <div class="title-row">
      <div class="title">
        <h1><bdi>${shorten(run.title, 200)}</bdi></h1>
        <span class="status status-${state.status}"
          >${icon(STATUS_ICONS[state.status])}${STATUS_WORDS[state.status]}</span
        >
      </div>
      <div class="actions">${actionButtons(state, actions)}</div>
    </div>
    ${progressBar(state)} ${facts(state)} ${sentence ? html`<p class="sentence">${sentence}</p>` : nothing}
    ${estimated(state)}
    ${
      state.device || state.model
        ? html`<p class="note setting">
            ${state.model ? html`<bdi>${shorten(state.model.name, 80)}</bdi>, ` : nothing}
            ${state.model ? html`weights <bdi>${shorten(state.model.weights, 80)}</bdi>` : nothing}
            ${
              state.data
                ? html` · <bdi>${shorten(state.data.name, 80)}</bdi>: ${state.data.counts.train} for training,
                    ${state.data.counts.val} for validation, ${state.data.counts.test} for the test`
                : nothing
            }
            ${state.device ? html` · <bdi>${shorten(state.device, 120)}</bdi>` : nothing}
          </p>`
        : nothing
    }
  </header>`;
}

function actionButtons({ status, data }: RunState, actions: HeaderActions): TemplateResult {
  const over = isOver({ status } as RunState);
  return html`${
      over
        ? nothing
        : html`<vscode-button ?disabled=${status === 'stopping'} @click=${() => actions.stop()}
            >${buttonIcon('stop')}Stop</vscode-button
          >`
    }
    ${
      status === 'interrupted' || status === 'stopped'
        ? html`<vscode-button @click=${() => actions.resume()}>${buttonIcon('resume')}Resume</vscode-button>`
        : nothing
    }
    <vscode-button secondary @click=${() => actions.reveal()}>${buttonIcon('code')}Go to code</vscode-button>
    ${
      status === 'finished' || status === 'stopped'
        ? html`<vscode-button secondary @click=${() => actions.tryIt()}
            >${
              itemKind(data) === 'texts'
                ? html`${buttonIcon('text')}Try a sentence`
                : html`${buttonIcon('picture')}Try a picture`
            }</vscode-button
          >`
        : nothing
    }
    ${
      over
        ? html`<vscode-button secondary @click=${() => actions.report()}
            >${buttonIcon('report')}Open report</vscode-button
          >`
        : nothing
    }`;
}

/** How good the estimate was that was made before. */
function estimated(state: RunState): TemplateResult | typeof nothing {
  const sentence = estimateOutcome(state, durationText);
  return sentence === undefined ? nothing : html`<p class="note">${sentence}</p>`;
}

function progressBar(state: RunState): TemplateResult {
  const { fraction } = progressOf(state);
  const whole = state.status === 'finished' ? 1 : fraction;
  const { phase } = state;
  if (whole === 0 && state.status === 'preparing' && phase?.total) {
    return html`<progress
      class="run-progress preparing"
      aria-label="Preparation"
      max=${phase.total}
      .value=${phase.done ?? 0}
    ></progress>`;
  }
  return html`<progress
    class="run-progress ${state.status}"
    aria-label="Progress of the run: ${percent(whole)}"
    max="1"
    .value=${whole}
  ></progress>`;
}

function facts(state: RunState): TemplateResult | typeof nothing {
  const list = headerFacts(state);
  if (list.length === 0) return nothing;
  return html`<dl class="facts">
    ${list.map(
      ({ name, value, note }) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}${note ? html` <span class="note">${note}</span>` : nothing}</dd>
        </div>`,
    )}
  </dl>`;
}

/** What stopped the run, what it warned of, and what to do. */
export function problems(run: RunModel): TemplateResult | typeof nothing {
  const { problem, warnings, data } = run.state;
  const skipped = data?.skipped ?? [];
  if (!problem && warnings.length === 0 && skipped.length === 0 && run.unknownEvents === 0) return nothing;
  return html`<section class="problems" aria-label="Problems and warnings">
    ${problem ? problemBox(problem, 'error') : nothing} ${warnings.map((one) => problemBox(one, 'warning'))}
    ${
      skipped.length > 0
        ? html`<details class="problem warning">
            <summary>${icon('warning')}${skipped.length} of the ${itemKind(data)} were left out</summary>
            <ul>
              ${skipped
                .slice(0, 100)
                .map(
                  ({ file, reason }) =>
                    html`<li><bdi>${shorten(file)}</bdi>: <bdi>${shorten(reason)}</bdi></li>`,
                )}
            </ul>
            ${skipped.length > 100 ? html`<p>… and ${skipped.length - 100} more.</p>` : nothing}
          </details>`
        : nothing
    }
    ${
      run.unknownEvents > 0
        ? html`<div class="problem warning">
            ${icon('warning')}
            <p>
              ${run.unknownEvents} entries of this run come from a newer version and are not drawn. Update
              Transfer Lab to see them.
            </p>
          </div>`
        : nothing
    }
  </section>`;
}

function problemBox({ message, remedy }: Problem, kind: 'error' | 'warning'): TemplateResult {
  return html`<div class="problem ${kind}">
    ${icon(kind)}
    <div>
      <p>
        <span class="visually-hidden">${kind === 'error' ? 'Problem: ' : 'Warning: '}</span
        ><bdi>${shorten(message, 2000)}</bdi>
      </p>
      <p class="remedy"><bdi>${shorten(remedy, 1000)}</bdi></p>
    </div>
  </div>`;
}

/** The steps before the first training step: done, now, still to come. */
export function preparation(state: RunState): TemplateResult {
  const steps = preparationSteps(state.phase?.name);
  const now = steps.findIndex(({ phase }) => phase === state.phase?.name);
  return html`<section class="preparation" aria-labelledby="preparation-heading">
    <h2 id="preparation-heading">Before the first step</h2>
    <ol>
      ${steps.map(({ words }, index) => {
        const where = index < now ? 'done' : index === now ? 'now' : 'next';
        return html`<li class=${where} aria-current=${index === now ? 'step' : 'false'}>
          ${icon(where)}<span>${words}</span>
          <span class="note">${{ done: 'done', now: amountText(state) || 'now', next: '' }[where]}</span>
        </li>`;
      })}
    </ol>
    <p class="hint">
      Then training begins, and the curves draw themselves here step by step. You can close this view or the
      window: the run goes on.
    </p>
  </section>`;
}
