import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { assertNever } from '../../protocol/assert-never';
import type { EstimateState } from '../../protocol/estimate';
import type {
  FreezeMap,
  PlanContent,
  PlanHostFunctions,
  StepCost,
  TrainingPlan,
} from '../../protocol/freeze-map';
import { freezeTable, operationsText, scheduleWords, type MapRow } from '../shared/freeze-map';
import { LightElement } from '../shared/light-element';
import { countText, fileName, percent, shorten } from '../shared/text';
import { estimateSection } from './estimate-section';

/** What the settings in the editor would train, drawn anew with each edit. */
@customElement('tl-plan')
export class PlanView extends LightElement {
  @property({ attribute: false }) host!: Pick<PlanHostFunctions, 'estimate'>;
  @property({ attribute: false }) content: PlanContent = { kind: 'reading', experiment: '' };

  protected override render(): TemplateResult {
    const { content } = this;
    switch (content.kind) {
      case 'reading':
        return html`<main>
          <h1>What would train</h1>
          <p class="hint" role="status">
            Reading <bdi>${shorten(content.experiment, 120)}</bdi>. Nothing is trained for this.
          </p>
        </main>`;
      case 'problem':
        return html`<main>
          <h1>What would train</h1>
          <div role="status">
            <p><bdi>${shorten(content.experiment, 120)}</bdi>: ${shorten(content.message)}</p>
            <p class="hint">${shorten(content.remedy)}</p>
          </div>
        </main>`;
      case 'plan':
        return html`<main>${this.page(content.plan, content.file, content.saved, content.estimate)}</main>`;
      default:
        return assertNever(content);
    }
  }

  private page(
    plan: TrainingPlan,
    file: string,
    saved: boolean,
    estimate: EstimateState | undefined,
  ): TemplateResult {
    const { experiment, strategy, model, items, maps, assumptions } = plan;
    return html`<h1>What would train: <bdi>${shorten(experiment, 120)}</bdi></h1>
      <p class="hint">
        <bdi>${shorten(strategy, 120)}</bdi>, ${model}, ${items}. Read from
        <bdi>${shorten(fileName(file), 120)}</bdi
        >${saved ? '' : ' as it stands in the editor, not saved yet'}; nothing was trained.
      </p>
      ${estimateSection(estimate, () => this.host.estimate())}
      ${maps.map((map, index) => this.section(map, index, plan))}
      <p class="hint">
        The cost in the tables is reckoned, not measured: it counts the operations of convolutions and matrix
        products, two for each multiply-add. How long a step takes also depends on memory and on the device.
      </p>
      ${
        assumptions.length === 0
          ? nothing
          : html`<section class="block" aria-labelledby="assumed-heading">
              <h2 id="assumed-heading">What was assumed</h2>
              <ul>
                ${assumptions.map((text) => html`<li class="hint">${shorten(text)}</li>`)}
              </ul>
            </section>`
      }`;
  }

  private section(map: FreezeMap, index: number, { maps, items }: TrainingPlan): TemplateResult {
    const { phase, rows, schedule, wholeCost } = map;
    const last = phase.firstEpoch + phase.epochs - 1;
    const epochs = last === phase.firstEpoch ? `epoch ${last}` : `epochs ${phase.firstEpoch} to ${last}`;
    const id = `part-${index}`;
    return html`<section class="block" aria-labelledby=${id}>
      <h2 id=${id}>
        ${maps.length > 1 ? `Part ${index + 1}, ${epochs}: ` : `${epochs.replace('e', 'E')}: `}<bdi
          >${shorten(phase.name, 120)}</bdi
        >
      </h2>
      <p class="hint">${trainedSentence(map)} ${costSentence(map, items)} ${scheduleWords(schedule)}</p>
      ${freezeTable(rows.map(beforeSchedule), { label: `What trains in ${epochs}`, wholeCost: total(wholeCost) })}
    </section>`;
  }
}

/** At the beginning of an epoch the schedule's factor is often 0: before a run, the rate that is written counts. */
function beforeSchedule(row: FreezeMap['rows'][number]): MapRow {
  return { ...row, learningRateNow: undefined };
}

const total = ({ forward, backward }: StepCost): number => forward + backward;

function trainedSentence({ trainedParameters, parameters }: FreezeMap): string {
  return trainedParameters === parameters
    ? `All ${countText(parameters)} parameters train.`
    : `${countText(trainedParameters)} of ${countText(parameters)} parameters train (${percent(trainedParameters / parameters)}).`;
}

function costSentence({ cost, wholeCost, prefixCost }: FreezeMap, items: string): string {
  const share = total(cost) / Math.max(1, total(wholeCost));
  const step = `For ${items}, a step costs about ${operationsText(total(cost))} each`;
  const compared =
    share < 1 ? `, ${percent(share)} of a step in which everything trains.` : ', forward and backward.';
  const prefix =
    prefixCost > 0
      ? ` Before the first step the frozen groups run once for each (${operationsText(prefixCost)}), and their output is kept.`
      : '';
  return step + compared + prefix;
}
