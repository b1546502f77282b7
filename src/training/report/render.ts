import { basename } from 'node:path';
import { calibrationWords, FEW_ITEMS } from '../../protocol/calibration';
import { itemKind, type ItemKind } from '../../protocol/items';
import type { Evaluation } from '../../protocol/events';
import { trainedIn } from '../../protocol/freeze-map';
import { percent } from '../../protocol/percent';
import { estimateOutcome } from '../../protocol/run-state';
import type { RunSnapshot } from '../runs';
import { analysisSection } from './analysis';
import { legend, lineChart, reliabilityChart } from './charts';
import type { Curve } from './charts';
import { html } from './html';
import type { Html } from './html';
import { thumbnails, worstMistakes } from './pictures';
import type { Pictures } from './pictures';
import { style } from './style';
import { worstTexts } from './worst-texts';

/** In the head of every report, so that one of ours is known again. */
export const GENERATOR = '<meta name="generator" content="Transfer Lab">';

interface ReportText {
  /** In place of one made from the runs' names. */
  readonly title?: string;
  /** Markdown that the learner wrote about the runs. */
  readonly analysis?: string;
}

/** @param runs one, or those of a comparison, in the order of the table */
export async function renderReport(runs: readonly RunSnapshot[], text: ReportText = {}): Promise<string> {
  const [first] = runs;
  if (!first) throw new Error('A report needs at least one run.');
  const wanted = runs.flatMap(({ state }) =>
    [...worstMistakes(state.predictions).values()].flatMap(({ file, text }) =>
      text === undefined ? [file] : [],
    ),
  );
  const pictures = await thumbnails(wanted);
  const titles = runs.map(titleOf);
  const made =
    runs.length === 1 ? (titles[0] ?? '') : `${first.run.experiment}: ${runs.length} runs compared`;
  const heading = text.title ?? made;
  const body = html`<h1>${heading}</h1>
    <p class="quiet">
      ${basename(first.run.file)} · ${new Date((runs.at(-1) ?? first).run.createdAt).toLocaleString('en')} ·
      Transfer Lab ${first.run.versions.transferLab}
    </p>
    ${overview(runs, titles)} ${curves(runs, titles)}
    ${text.analysis === undefined ? undefined : analysisSection(text.analysis)}
    ${runs.map((run, index) => details(run, titles[index] ?? '', pictures))}
    ${runs.length > 0 ? settings(first) : undefined}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${GENERATOR}
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
${html`<title>${heading}</title>`.text}
<style>${style}</style>
</head>
<body>
${body.text}
</body>
</html>
`;
}

export function titleOf({ run }: RunSnapshot): string {
  return run.strategy === undefined ? run.experiment : `${run.experiment} · ${run.strategy}`;
}

function overview(runs: readonly RunSnapshot[], titles: readonly string[]): Html {
  // Of three classes, the right one is always among the three most likely.
  const tops = runs.flatMap(({ state }) => state.final?.topK ?? []);
  const hasTop = runs.some(
    ({ state }) => state.final?.topK && state.final.topK.k < state.final.perClass.length,
  );
  const topOf = (final: Evaluation | undefined): string => (final?.topK ? percent(final.topK.accuracy) : '–');
  const rows = runs.map(
    ({ state }, index) =>
      html`<tr>
        <td>${titles[index]}</td>
        <td>${state.final ? percent(state.final.accuracy) : '–'}</td>
        <td>${state.final ? state.final.loss.toFixed(3) : '–'}</td>
        ${hasTop ? html`<td>${topOf(state.final)}</td>` : undefined}
        <td>${state.final?.macroF1 === undefined ? '–' : percent(state.final.macroF1)}</td>
        <td>${state.bestEpoch ?? '–'}</td>
        <td>${state.seconds?.toFixed(1) ?? '–'}</td>
        <td>${state.model ? trainedIn(state.model.layerGroups).toLocaleString('en') : '–'}</td>
        <td>${state.status}</td>
      </tr>`,
  );
  const split = runs.find(({ state }) => state.final)?.state.final?.split ?? 'test';
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th>run</th>
          <th>accuracy (${split})</th>
          <th>loss (${split})</th>
          ${hasTop ? html`<th>top ${tops[0]?.k ?? ''} (${split})</th>` : undefined}
          <th>macro F1 (${split})</th>
          <th>best epoch</th>
          <th>seconds</th>
          <th>trainable parameters</th>
          <th>status</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function curves(runs: readonly RunSnapshot[], titles: readonly string[]): Html {
  const of = (train: 'trainLoss' | 'trainAccuracy', val: 'valLoss' | 'valAccuracy'): Curve[] =>
    runs.flatMap(({ state }, color) =>
      ([train, val] as const).map((key) => ({
        label: `${titles[color] ?? ''}, ${key === val ? 'validation' : 'training'}`,
        color,
        dashed: key === train,
        points: state.epochPoints.map((point) => [point.epoch, point[key]] as const),
      })),
    );
  return html`<section>
    <h2>Curves</h2>
    ${legend(titles)}
    <div class="charts">
      ${lineChart('Loss', of('trainLoss', 'valLoss'), (value) => value.toFixed(2))}
      ${lineChart('Accuracy', of('trainAccuracy', 'valAccuracy'), (value) => `${Math.round(value * 100)} %`)}
    </div>
  </section>`;
}

function details({ state }: RunSnapshot, title: string, pictures: Pictures): Html {
  const problem = state.problem
    ? html`<p class="problem">${state.problem.message} ${state.problem.remedy}</p>`
    : undefined;
  const evaluation = state.validation ?? state.final;
  const kind = itemKind(state.data);
  const estimate = estimateOutcome(state, (seconds) => `${seconds.toFixed(1)} s`);
  if (!evaluation)
    return html`<section>
      <h2>${title}</h2>
      ${problem ?? html`<p class="quiet">No finished epoch.</p>`}
    </section>`;
  return html`<section>
    <h2>${title}</h2>
    ${problem}
    <p class="quiet">
      ${state.model ? `${state.model.name}, weights ${state.model.weights}, ${state.device ?? ''}` : ''}
    </p>
    ${estimate === undefined ? undefined : html`<p class="quiet">${estimate}</p>`} ${rowsOf(state)}
    ${confusion(evaluation, state, pictures)} ${worstTexts(state.predictions, state.data?.classNames ?? [])}
    ${perClass(state.final ?? evaluation, kind)} ${reliability(state.final ?? evaluation, kind)}
  </section>`;
}

/** How texts were put together in rows, in the last part of the strategy. */
function rowsOf({ rows }: RunSnapshot['state']): Html | undefined {
  if (!rows) return undefined;
  const { lengths, paddingShare } = rows;
  return html`<p class="quiet">
    Rows of ${lengths} ${lengths === 1 ? 'length' : 'lengths'}, a graph each; ${percent(paddingShare)} of
    their tokens are padding.
  </p>`;
}

function confusion(evaluation: Evaluation, state: RunSnapshot['state'], pictures: Pictures): Html {
  const names = evaluation.perClass.map(({ className }) => className);
  const worst = worstMistakes(state.predictions);
  const rows = evaluation.confusion.map((counts, truth) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const cells = counts.map((count, predicted) => {
      if (truth === predicted) {
        const share = total === 0 ? 0 : count / total;
        return html`<td class="right" style="--share:${share.toFixed(3)}">${count}</td>`;
      }
      if (count === 0) return html`<td></td>`;
      const mistake = worst.get(`${truth}/${predicted}`);
      const source = mistake && pictures.get(mistake.file);
      const alt = mistake
        ? `${names[truth] ?? ''} taken for ${names[predicted] ?? ''}, ${percent(mistake.probability)} sure: ${basename(mistake.file)}`
        : '';
      return html`<td>
        ${count}${source ? html`<img src="${source}" alt="${alt}" title="${alt}" />` : undefined}
      </td>`;
    });
    return html`<tr>
      <th scope="row">${names[truth]}</th>
      ${cells}
    </tr>`;
  });
  return html`<h3>Confusion matrix (${evaluation.split}), best epoch</h3>
    <p class="quiet">
      Rows: what it is. Columns: what was predicted.
      ${itemKind(state.data) === 'pictures' ? 'Each mistake shows its worst picture.' : ''}
    </p>
    <div class="scroll">
      <table class="confusion">
        <thead>
          <tr>
            <td></td>
            ${names.map((name) => html`<th scope="col"><div class="column">${name}</div></th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>`;
}

function perClass(evaluation: Evaluation, kind: ItemKind): Html {
  const rows = evaluation.perClass.map(
    (score) =>
      html`<tr>
        <td>${score.className}</td>
        <td>${percent(score.precision)}</td>
        <td>${percent(score.recall)}</td>
        <td>${percent(score.f1)}</td>
        <td>${score.support}</td>
      </tr>`,
  );
  return html`<details>
    <summary>Per class (${evaluation.split})</summary>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>class</th>
            <th>precision</th>
            <th>recall</th>
            <th>F1</th>
            <th>${kind}</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </details>`;
}

function reliability({ calibration, split }: Evaluation, kind: ItemKind): Html | undefined {
  if (!calibration) return undefined;
  return html`<h3>Is it as sure as it is right? (${split})</h3>
    <div class="reliability">${reliabilityChart(calibration)}</div>
    <p>${calibrationWords(calibration, kind)}</p>
    <p class="quiet">
      Each column gathers the ${kind} of which the network was about equally sure; its height says how many of
      them it got right. On the dashed line, 80 % sure means right 8 times in 10. Pale columns hold fewer than
      ${FEW_ITEMS} ${kind}.
    </p>`;
}

function settings({ run, state }: RunSnapshot): Html {
  const { data } = state;
  const counts = data
    ? `${data.name}: ${data.counts.train} training, ${data.counts.val} validation, ${data.counts.test} test ${itemKind(data)} in ${data.classNames.length} classes`
    : '';
  return html`<section>
    <h2>What was run</h2>
    <p>${counts}</p>
    <p class="quiet">${basename(run.file)}, line ${run.line}, as it was when the run began:</p>
    <pre>${run.source}</pre>
  </section>`;
}
