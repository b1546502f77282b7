import { html, nothing, type TemplateResult } from 'lit';
import { ITEM, itemKind } from '../../protocol/items';
import { trainedIn } from '../../protocol/freeze-map';
import { isOver, type RunState } from '../../protocol/run-state';
import { freezeTable, scheduleWords, type MapRow } from '../shared/freeze-map';
import { countText, percent, shorten } from '../shared/text';
import type { PhaseStart } from './run-model';

/** Layer groups of a run: which train and at which rate now, and how far each has come. */
export function freezeSection(state: RunState, phases: readonly PhaseStart[]): TemplateResult {
  const rows = mapRows(state);
  const total = rows.reduce((sum, { parameters }) => sum + parameters, 0);
  const trained = trainedIn(rows);
  const phase = phases.at(-1);
  const moved = state.movement.at(-1);
  return html`<section class="block wide" aria-labelledby="layers-heading">
    <h2 id="layers-heading">Freeze map</h2>
    <p class="hint">
      ${
        phase && phases.length > 1
          ? html`Part ${phases.length}, <bdi>${shorten(phase.name, 80)}</bdi>, since epoch ${phase.epoch}. `
          : nothing
      }${
        trained === total
          ? html`All ${countText(total)} parameters train.`
          : html`${countText(trained)} of ${countText(total)} parameters train (${percent(trained / total)});
            the others keep the values that they began with.`
      }
      ${rows.some(({ cached }) => cached) ? `Groups whose output is kept ran once for each ${ITEM[itemKind(state.data)]}.` : nothing}
      ${scheduleWords(state.schedule)}
    </p>
    ${freezeTable(rows, { label: 'Freeze map', moved: moved !== undefined })}
    ${
      moved
        ? html`<p class="hint">
            Moved, after epoch ${moved.epoch}: the length of all changes to a group's weights, as a share of
            the length of the weights that it began with (‖w − w₀‖ / ‖w₀‖).
          </p>`
        : nothing
    }
  </section>`;
}

/** The groups with their rates of this moment and the last distances. */
export function mapRows(state: Pick<RunState, 'layerGroups' | 'movement' | 'steps' | 'status'>): MapRow[] {
  const { layerGroups, movement, steps } = state;
  const highest = Math.max(0, ...layerGroups.map(({ learningRate }) => learningRate ?? 0));
  // The event has the largest rate in use; the schedule multiplies all alike.
  const last = isOver(state as RunState) ? undefined : steps.at(-1)?.learningRate;
  const factor = last === undefined || highest === 0 ? undefined : last / highest;
  const distances = new Map(
    movement.at(-1)?.groups.map(({ name, relativeChange }) => [name, relativeChange]),
  );
  return layerGroups.map((group) => ({
    ...group,
    ...(factor === undefined || group.learningRate === undefined
      ? {}
      : { learningRateNow: group.learningRate * factor }),
    ...(distances.has(group.name) ? { moved: distances.get(group.name) } : {}),
  }));
}
