import { trainedOf, type FreezeMap, type FreezeMapRow, type TrainingPlan } from '../../protocol/freeze-map';
import { percent } from '../../protocol/percent';
import { planTraining } from '../training-plan';
import { keptEstimate } from '../estimate/kept';
import { describeEstimate, estimateFound } from './estimate-command';
import { withExperiment, type ExperimentOptions } from './experiment-at';
import type { Answer } from './run-commands';
import { paint, say, table } from './terminal';

export interface PlanOptions extends ExperimentOptions {
  /** Measure time and memory, too. */
  readonly estimate?: boolean;
}

/** What an experiment would train, part by part, and what is known of its time and memory. Evaluates the file, trains nothing. */
export async function planCommand(path: string, options: PlanOptions): Promise<Answer> {
  const json = options.json === true;
  const { plan, estimate } = await withExperiment(path, options, async (found) => {
    const { name, experiment, directory } = found;
    const made = await planTraining(name, experiment, directory);
    if (!json) tellPlan(made);
    const known = options.estimate
      ? await estimateFound(found, json)
      : await keptEstimate(directory, made.settings);
    return { plan: made, estimate: known };
  });
  if (!json && estimate) say(`\n${describeEstimate(estimate)}`);
  return { plan, ...(estimate ? { estimate } : {}) };
}

function tellPlan({ experiment, strategy, model, items, maps, assumptions }: TrainingPlan): void {
  say(paint('bold', `${experiment}: ${strategy}, ${model}, ${items}`));
  for (const map of maps) {
    const { name, firstEpoch, epochs } = map.phase;
    say(`\nEpochs ${firstEpoch} to ${firstEpoch + epochs - 1}: ${name}`);
    const header = ['group', 'state', 'trained', 'parameters', 'BatchNorm', 'learning rate', 'cost'];
    say(
      table(
        header,
        map.rows.map((row) => cells(row, map)),
      ),
    );
    const { trainedParameters, parameters } = map;
    say(
      `${trainedParameters.toLocaleString('en')} of ${parameters.toLocaleString('en')} parameters train. ` +
        `Estimated cost of a step: ${percent(sum(map.cost) / sum(map.wholeCost))} of a step in which everything trains.`,
    );
  }
  for (const text of assumptions) say(`\n${text}`);
}

const sum = ({ forward, backward }: FreezeMap['cost']): number => forward + backward;

function cells(row: FreezeMapRow, { wholeCost }: FreezeMap): string[] {
  const { name, cached, batchNorm, learningRate, cost } = row;
  const trained = trainedOf(row);
  return [
    name,
    trained > 0 ? 'trained' : cached === true ? 'frozen, kept' : 'frozen',
    trained.toLocaleString('en'),
    row.parameters.toLocaleString('en'),
    batchNorm === undefined ? '–' : batchNorm.mode,
    learningRate === undefined ? '–' : String(Number(learningRate.toPrecision(3))),
    percent(sum(cost) / sum(wholeCost)),
  ];
}
