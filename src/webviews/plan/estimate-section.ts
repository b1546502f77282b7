import { html, nothing, type TemplateResult } from 'lit';
import { assertNever } from '../../protocol/assert-never';
import { bytesText, type Band, type EstimateState, type RunEstimate } from '../../protocol/estimate';
import { buttonIcon, icon } from '../shared/icon';
import { durationText, millisecondsText, shorten } from '../shared/text';

/** What a run would take on this machine: asked for with a button, because a few real steps are made for it. */
export function estimateSection(state: EstimateState | undefined, measure: () => void): TemplateResult {
  return html`<section class="block" aria-labelledby="estimate-heading">
    <h2 id="estimate-heading">Time and memory</h2>
    ${content(state, measure)}
  </section>`;
}

function content(state: EstimateState | undefined, measure: () => void): TemplateResult {
  switch (state?.kind) {
    case undefined:
      return html`<p class="hint">
          A few steps with your settings tell how long a run takes on this machine, and whether it fits into
          its memory. Nothing of them is kept but the numbers. If the weights are not on this computer, their
          repository is asked how large they are.
        </p>
        ${button('Estimate time and memory', measure)}`;
    case 'measuring':
      return html`<p class="hint" role="status">
        ${icon('training')} Making a few steps in processes of their own. An edit ends this.
      </p>`;
    case 'problem':
      return html`<div role="status">
          <p>${shorten(state.message)}</p>
          <p class="hint">${shorten(state.remedy)}</p>
        </div>
        ${button('Try again', measure)}`;
    case 'known':
      return html`${known(state.estimate)} ${button('Measure again', measure)}`;
    default:
      return assertNever(state);
  }
}

const button = (label: string, measure: () => void): TemplateResult =>
  html`<div>
    <vscode-button secondary @click=${measure}>${buttonIcon('now')}${label}</vscode-button>
  </div>`;

function known(estimate: RunEstimate): TemplateResult {
  const { seconds, startSeconds, memory, availableBytes, download, notes, device, measuredAt } = estimate;
  return html`<div role="status">
      <dl class="facts">
        ${fact('Time', `about ${durationText(seconds.value)}`, between(seconds, durationText))}
        ${fact('Before the first step', durationText(startSeconds), 'starting, data, weights')}
        ${fact('Memory', `about ${bytesText(memory.value)}`, between(memory, bytesText))}
        ${fact('Free when measured', bytesText(availableBytes))}
        ${download ? fact('To download, once', bytesText(download.bytes), shorten(download.repository, 80)) : nothing}
      </dl>
    </div>
    ${fitting(estimate)}
    <ul class="steps">
      ${estimate.phases.map(
        ({ name, epochs, stepsPerEpoch, stepSeconds, epochSeconds, prefixSeconds }) =>
          html`<li class="hint">
            <bdi>${shorten(name, 120)}</bdi>: ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} of
            ${durationText(epochSeconds)}, each ${stepsPerEpoch} steps of
            ${millisecondsText(stepSeconds * 1000)} and the
            validation${prefixSeconds > 0 ? `; before, the frozen layers once: ${durationText(prefixSeconds)}` : ''}.
          </li>`,
      )}
      ${notes.map((note) => html`<li class="hint">${shorten(note)}</li>`)}
    </ul>
    <p class="hint">
      Measured ${new Date(measuredAt).toLocaleString('en')} with
      <bdi>${shorten(device, 120)}</bdi>; other programs make it slower. After the run, its metrics say how
      good this was.
    </p>`;
}

const between = ({ low, high }: Band, words: (value: number) => string): string =>
  `${words(low)} to ${words(high)}`;

const fact = (name: string, value: string, note?: string): TemplateResult =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}${note === undefined ? nothing : html` <span class="note">${note}</span>`}</dd>
  </div>`;

/** Whether the batch fits, and which one would. */
export function fittingSentence({
  fits,
  batchSize,
  largestBatchSize,
  counts,
}: Pick<RunEstimate, 'fits' | 'batchSize' | 'largestBatchSize' | 'counts'>): string {
  if (!fits)
    return largestBatchSize === undefined
      ? `Batches of ${batchSize} do not fit into the free memory, and not even batches of 2 would: choose a smaller network, a smaller imageSize, or close other programs.`
      : `Batches of ${batchSize} do not fit into the free memory. The largest that fit are about ${largestBatchSize}: set batchSize to that or less.`;
  return largestBatchSize === undefined || largestBatchSize >= counts.train
    ? `Batches of ${batchSize} fit; so would any other, up to all ${counts.train} that there are to train on.`
    : `Batches of ${batchSize} fit; so would batches up to about ${largestBatchSize}.`;
}

function fitting(estimate: RunEstimate): TemplateResult {
  const sentence = fittingSentence(estimate);
  return estimate.fits
    ? html`<p class="hint">${sentence}</p>`
    : html`<div class="problem warning">
        ${icon('warning')}
        <p><span class="visually-hidden">Warning: </span>${sentence}</p>
      </div>`;
}
