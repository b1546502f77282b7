import { html, type TemplateResult } from 'lit';
import { itemKind } from '../../protocol/items';
import type { LoadPictures } from './pictures';
import { worstMistakes } from './predictions';
import type { RunModel } from './run-model';

/** What the network got most wrong in validation. */
export function mistakesSection(
  { state }: RunModel,
  classNames: readonly string[],
  load: LoadPictures,
): TemplateResult {
  const kind = itemKind(state.data);
  const mistakes = worstMistakes(state.predictions);
  return html`<section class="block wide" aria-labelledby="mistakes-heading">
    <h2 id="mistakes-heading">Worst mistakes</h2>
    ${
      mistakes.length === 0
        ? html`<p class="empty">
            ${
              state.predictions.length > 0
                ? `No mistake on the validation ${kind}.`
                : 'They appear with the predictions of the best epoch.'
            }
          </p>`
        : kind === 'texts'
          ? html`<p class="hint">
                Validation texts that the network got wrong, the largest loss first: the surest mistakes.
                Choose one to open its file there.
              </p>
              <tl-texts .items=${mistakes} .classNames=${classNames} .runId=${state.runId}></tl-texts>`
          : html`<p class="hint">
                Validation pictures that the network got wrong, the surest first: what it shows above, what
                the network said below.
              </p>
              <tl-pictures
                .items=${mistakes}
                .classNames=${classNames}
                .runId=${state.runId}
                .load=${load}
                withLoss
              ></tl-pictures>`
    }
  </section>`;
}
