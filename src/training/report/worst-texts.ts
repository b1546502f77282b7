import { basename } from 'node:path';
import type { Prediction } from '../../protocol/events';
import { percent } from '../../protocol/percent';
import { html, type Html } from './html';

const MOST = 20;

/** The texts that were got most wrong, the largest loss first; nothing where the run was on pictures, or made no mistake. */
export function worstTexts(
  predictions: readonly Prediction[],
  classNames: readonly string[],
): Html | undefined {
  const mistakes = predictions
    .filter(({ text, label, predicted }) => text !== undefined && label !== predicted)
    .sort((a, b) => sizeOf(b) - sizeOf(a));
  if (mistakes.length === 0) return undefined;
  const name = (index: number): string => classNames[index] ?? `class ${index}`;
  const rows = mistakes.slice(0, MOST).map(
    (one) =>
      html`<tr>
        <td>${one.text}<span class="quiet"> ${basename(one.file)}</span></td>
        <td>${name(one.label)}</td>
        <td>${name(one.predicted)}</td>
        <td>${percent(one.probability)}</td>
        <td>${one.loss.toFixed(2)}</td>
      </tr>`,
  );
  return html`<h3>Worst mistakes</h3>
    <p class="quiet">
      ${mistakes.length > MOST ? `The first ${MOST} of ${mistakes.length}` : 'All'} validation texts that were
      predicted wrong, the largest loss first.
    </p>
    <div class="scroll">
      <table class="texts">
        <thead>
          <tr>
            <th>text</th>
            <th>is</th>
            <th>predicted</th>
            <th>sure</th>
            <th>loss</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>`;
}

/** A loss that is no number was beyond all measure. */
const sizeOf = ({ loss }: Prediction): number => (Number.isFinite(loss) ? loss : Number.MAX_VALUE);
