import { html, nothing, type TemplateResult } from 'lit';
import type { Evaluation } from '../../protocol/events';
import { itemsTitle, type ItemKind } from '../../protocol/items';
import { COLOURS, DASHES, type LineStyle } from '../shared/palette';
import { countText, durationText, lossText, percent, shorten } from '../shared/text';
import { icon } from '../shared/icon';
import { legendNames, type RunModel } from './run-model';
import { comparisonTable, type ComparisonColumn, type ComparisonRow } from './tables';

/** Precision, recall, F1 and support of each class, with their means. */
export function classTable(evaluation: Evaluation, kind: ItemKind): TemplateResult {
  const { perClass } = evaluation;
  const mean = (of: (one: (typeof perClass)[number]) => number): number =>
    perClass.reduce((sum, one) => sum + of(one), 0) / Math.max(1, perClass.length);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Results for each class">
      <table>
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col" class="number">Precision</th>
            <th scope="col" class="number">Recall</th>
            <th scope="col" class="number">F1</th>
            <th scope="col" class="number">${itemsTitle(kind)}</th>
          </tr>
        </thead>
        <tbody>
          ${perClass.map(
            (one) =>
              html`<tr>
                <th scope="row"><bdi>${shorten(one.className, 120)}</bdi></th>
                <td class="number">${percent(one.precision)}</td>
                <td class="number">${percent(one.recall)}</td>
                <td class="number">${bar(one.f1)}${percent(one.f1)}</td>
                <td class="number">${one.support}</td>
              </tr>`,
          )}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Mean of the classes</th>
            <td class="number">${percent(mean(({ precision }) => precision))}</td>
            <td class="number">${percent(mean(({ recall }) => recall))}</td>
            <td class="number">${percent(mean(({ f1 }) => f1))}</td>
            <td class="number">${perClass.reduce((sum, { support }) => sum + support, 0)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
    <p class="hint">
      Precision: of the ${kind} called so, how many are. Recall: of the ${kind} that are, how many were called
      so. F1 is high only where both are.
    </p>`;
}

function bar(share: number): TemplateResult {
  const width = Math.round(Math.min(1, Math.max(0, share)) * 40);
  return html`<svg class="bar" width="40" height="6" aria-hidden="true">
    <rect class="bar-track" width="40" height="6" rx="1"></rect>
    <rect class="bar-fill" width=${width} height="6" rx="1"></rect>
  </svg>`;
}

/** Loss, accuracy, top-k and macro F1 of an evaluation. */
export function evaluationLine(
  { split, loss, accuracy, perClass, topK, macroF1 }: Evaluation,
  bestEpoch: number,
  kind: ItemKind,
): TemplateResult {
  const items = perClass.reduce((sum, { support }) => sum + support, 0);
  const where =
    split === 'test' ? 'The test set, never used while training' : `Validation at epoch ${bestEpoch}`;
  return html`<p class="evaluation">
    ${where}: <strong>${percent(accuracy)}</strong> of ${items} ${kind} right, loss ${lossText(loss)}.
    ${
      topK && topK.k < perClass.length
        ? html`The right class is among its ${topK.k} most likely in
            <strong>${percent(topK.accuracy)}</strong>.`
        : nothing
    }
    ${
      macroF1 === undefined
        ? nothing
        : html`Macro F1, in which each class counts the same: <strong>${percent(macroF1)}</strong>.`
    }
  </p>`;
}

const COLUMN_TITLES: Readonly<Record<ComparisonColumn, { title: string; best: string }>> = {
  testAccuracy: { title: 'Test accuracy', best: 'best' },
  valAccuracy: { title: 'Validation accuracy', best: 'best' },
  seconds: { title: 'Time', best: 'fastest' },
  trainableParameters: { title: 'Trained parameters', best: 'fewest' },
};

/** The runs that are drawn together, one row each. */
export function comparison(
  runs: readonly RunModel[],
  styles: ReadonlyMap<string, LineStyle>,
  focusedRunId: string,
  focus: (runId: string) => void,
): TemplateResult {
  const names = legendNames(runs);
  const cell = (row: ComparisonRow, name: ComparisonColumn, text: string): TemplateResult =>
    html`<td class="number">
      ${
        row.best.includes(name)
          ? html`<span class="best">${icon('best')}${COLUMN_TITLES[name].best}</span>`
          : nothing
      }${text}
    </td>`;
  return html`<section class="block" aria-labelledby="comparison-heading">
    <h2 id="comparison-heading">Comparison</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Comparison of the runs">
      <table class="comparison">
        <thead>
          <tr>
            <th scope="col">Run</th>
            ${Object.values(COLUMN_TITLES).map(
              ({ title }) => html`<th scope="col" class="number">${title}</th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${comparisonTable(runs).map(
            (row) =>
              html`<tr class=${row.runId === focusedRunId ? 'focused' : ''}>
                <th scope="row">
                  ${lineSwatch(styles.get(row.runId))}<button
                    type="button"
                    class="link"
                    aria-pressed=${row.runId === focusedRunId}
                    title="Show the details of this run"
                    @click=${() => focus(row.runId)}
                  >
                    <bdi>${shorten(names.get(row.runId) ?? row.title, 120)}</bdi>
                  </button>
                </th>
                ${cell(row, 'testAccuracy', percent(row.testAccuracy))}
                ${cell(row, 'valAccuracy', percent(row.valAccuracy))}
                ${cell(row, 'seconds', durationText(row.seconds))}
                ${cell(row, 'trainableParameters', countText(row.trainableParameters))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="hint">
      A dash stands where a run has no number yet. Small differences between single runs are often chance.
    </p>
  </section>`;
}

/** The line of a run: its colour and its dash. */
export function lineSwatch(style: LineStyle | undefined): TemplateResult {
  const { colour, dash } = style ?? { colour: 0, dash: 0 };
  const pattern = (DASHES[dash] ?? []).join(' ') || 'none';
  return html`<svg class="swatch c-${COLOURS[colour] ?? 'blue'}" width="26" height="10" aria-hidden="true">
    <line x1="0" y1="5" x2="26" y2="5" stroke-width="2" stroke-dasharray=${pattern}></line>
  </svg>`;
}
