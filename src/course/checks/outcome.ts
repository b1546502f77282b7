import { mean } from 'simple-statistics';
import type { ExperimentFacts, Outcome } from '../../protocol/checking';
import { passed, wrong, type Check } from '../check';
import type { ExerciseContext } from '../exercise-context';
import { lowerBand, pairedDifference, type PairedDifference } from '../statistics';
import type { ExperimentTask } from './code';
import { existing, strategyPlace } from './places';

/** Fewer pictures or texts than this cannot tell ten points apart: one is more than a point. */
const FEW_ITEMS = 80;
/** A rate this many times that of the recorded runs, or a part of it, is named as the cause. */
const FAR = 5;

/** The experiment itself is trained with these seeds; the recorded runs had the same and more. */
const SEEDS: readonly number[] = [1, 2, 3];

/** Better than recorded runs of another strategy, item by item. */
export const betterThan = (
  { task, name }: ExperimentTask,
  { reference, label }: { readonly reference: string; readonly label: string },
): Check<ExerciseContext> => ({
  id: `${task}/better/${reference}`,
  kind: 'outcome',
  task,
  title: `${name} is better than ${label}, on the same test items`,
  async run(context) {
    const facts = await existing(context, name);
    const runs = await outcomes(context, facts);
    const paired = pairedDifference(runs, (await context.reference()).runsOf(reference));
    if (paired.interval.low > 0) return passed(`${scores(runs)}: ${inWords(paired, facts)} above ${label}`);
    const place = await strategyPlace(context, facts);
    if (paired.pictures < FEW_ITEMS)
      return wrong(
        'test-set-too-small',
        `Put more ${itemsOf(facts)} into the test set: with ${paired.pictures}, ${inWords(paired, facts)} against ${label} can be chance.`,
        place,
      );
    const reason = await likelyCause(context, facts, name);
    return wrong(
      reason.mistake,
      `${reason.advice} ${scores(runs)} is not reliably better than ${label}: ${inWords(paired, facts)}.`,
      place,
    );
  },
});

/** As good as the recorded runs of the same task, within what chance between seeds explains. */
export const asGoodAs = ({ task, name }: ExperimentTask, reference: string): Check<ExerciseContext> => ({
  id: `${task}/band`,
  kind: 'outcome',
  task,
  title: `${name} reaches what the recorded runs reach`,
  async run(context) {
    const facts = await existing(context, name);
    const runs = await outcomes(context, facts);
    const recorded = (await context.reference()).runsOf(reference);
    const accuracies = recorded.map(({ accuracy }) => accuracy);
    const band = lowerBand(accuracies, runs.length);
    const reached = mean(runs.map(({ accuracy }) => accuracy));
    const paired = pairedDifference(runs, recorded);
    const against = `the recorded runs have ${share(mean(accuracies))} on average over ${recorded.length} seeds`;
    // Below the band by chance of seeds, and worse item by item: both, or it is no finding.
    if (reached >= band || paired.interval.high >= 0) return passed(`${scores(runs)}; ${against}`);
    const reason = await likelyCause(context, facts, reference);
    return wrong(
      reason.mistake,
      `${reason.advice} ${scores(runs)}, while ${against} and chance between seeds explains ${share(band)} at worst.`,
      await strategyPlace(context, facts),
    );
  },
});

async function outcomes(context: ExerciseContext, facts: ExperimentFacts): Promise<Outcome[]> {
  const found: Outcome[] = [];
  for (const seed of SEEDS) found.push(await context.outcome({ experiment: facts.name, seed }));
  return found;
}

/** A rate or a length of training far from that of the recorded runs is the first thing to look at. */
async function likelyCause(
  context: ExerciseContext,
  facts: ExperimentFacts,
  reference: string,
): Promise<{ mistake: string; advice: string }> {
  const rate = highestRate(facts);
  const recorded = (await context.reference()).settingsOf(reference);
  if (recorded && rate > recorded.learningRate * FAR)
    return {
      mistake: 'rate-too-high',
      advice: `Lower the learning rate: ${rate} is ${times(rate / recorded.learningRate)} that of the recorded runs (${recorded.learningRate}).`,
    };
  if (recorded && rate < recorded.learningRate / FAR)
    return {
      mistake: 'rate-too-low',
      advice: `Raise the learning rate: the recorded runs have ${recorded.learningRate}, ${times(recorded.learningRate / rate)} the ${rate} here.`,
    };
  if (recorded && facts.epochs < recorded.epochs)
    return {
      mistake: 'too-few-epochs',
      advice: `Train longer: the recorded runs have ${recorded.epochs} epochs, here are ${facts.epochs}.`,
    };
  return {
    mistake: 'below-reference',
    advice: 'Look at the curves of this experiment: does the training loss fall, and does validation follow?',
  };
}

export function highestRate({ phases }: ExperimentFacts): number {
  return Math.max(...phases.flatMap(({ learningRates }) => Object.values(learningRates)));
}

const share = (value: number): string => value.toFixed(2);
const scores = (runs: readonly Outcome[]): string =>
  `${share(mean(runs.map(({ accuracy }) => accuracy)))} on average over ${runs.length} seeds`;
const points = (value: number): string => (value * 100).toFixed(0);
const itemsOf = ({ data }: ExperimentFacts): string => data.items ?? 'pictures';
const inWords = ({ difference, interval, pictures }: PairedDifference, facts: ExperimentFacts): string =>
  `${points(difference)} points on the same ${pictures} ${itemsOf(facts)} (95 % interval ${points(interval.low)} to ${points(interval.high)})`;
const times = (factor: number): string => `${Number(factor.toPrecision(2))} times`;
