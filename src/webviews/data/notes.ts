import { html, nothing, type TemplateResult } from 'lit';
import type { DataReport, DataWarning } from '../../protocol/data-report';
import { icon } from '../shared/icon';
import { fileName, isolate, shorten } from '../shared/text';
import { SPLIT_WORDS } from './words';

type Open = (file: string) => void;

/** What to look at before a run, with what to do about it. */
export function warnings(report: DataReport, open: Open): TemplateResult | typeof nothing {
  if (report.warnings.length > 0)
    return html`<section class="problems" aria-label="What to look at before a run">
      ${report.warnings.map((warning) => warningBox(warning, filesOf(warning, report, open)))}
    </section>`;
  if (report.skipped.count > 0) return nothing;
  return html`<p class="fine">
    ${icon('done')}Nothing to mend: classes are of like size, and no picture is on two sides of the split.
  </p>`;
}

function warningBox({ message, remedy }: DataWarning, files: readonly TemplateResult[]): TemplateResult {
  return html`<div class="problem warning">
    ${icon('warning')}
    <div>
      <p><span class="visually-hidden">Warning: </span><bdi>${shorten(message, 2000)}</bdi></p>
      <p class="remedy"><bdi>${shorten(remedy, 1000)}</bdi></p>
      ${
        files.length > 0
          ? html`<ul class="files">
              ${files.map((file) => html`<li>${file}</li>`)}
            </ul>`
          : nothing
      }
    </div>
  </div>`;
}

/** What belongs together stands together. */
function filesOf(
  { code, files = [] }: DataWarning,
  { nearDuplicates }: DataReport,
  open: Open,
): TemplateResult[] {
  if (code === 'data-near-duplicates')
    return nearDuplicates.pairs.map(
      ({ file, split, other, otherSplit }) =>
        html`${link(file, open)} (${SPLIT_WORDS[split]}) and ${link(other, open)} (${SPLIT_WORDS[otherSplit]})`,
    );
  return files.map((file) => link(file, open));
}

/** Files that a run would not use, each with its reason. */
export function leftOut({ skipped }: DataReport, open: Open): TemplateResult | typeof nothing {
  const { count, files } = skipped;
  if (count === 0) return nothing;
  return html`<section class="block" aria-labelledby="left-out-heading">
    <h2 id="left-out-heading">Left out</h2>
    <p class="hint">
      ${count === 1 ? 'One entry is' : `${count.toLocaleString('en')} entries are`} not used. Nothing was
      deleted or changed.
    </p>
    <ul class="left-out">
      ${files.map(({ file, reason }) => html`<li>${link(file, open)}: <bdi>${shorten(reason)}</bdi></li>`)}
    </ul>
    ${count > files.length ? html`<p class="hint">… and ${count - files.length} more.</p>` : nothing}
  </section>`;
}

const link = (file: string, open: Open): TemplateResult =>
  html`<button type="button" class="link" title=${isolate(file)} @click=${() => open(file)}>
    <bdi>${shorten(fileName(file), 80)}</bdi>
  </button>`;
