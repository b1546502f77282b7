import type { ExperimentFacts } from '../../protocol/checking';
import { passed, wrong, type Check, type CheckOutcome } from '../check';
import type { ExerciseContext } from '../exercise-context';
import { startsFromRandom, type ExperimentTask } from './code';
import { existing, strategyPlace } from './places';

/** Each layer group trains at a rate of its own: the nearer to the input, the lower. */
export const ratesRiseTowardsHead = ({ task, name }: ExperimentTask): Check<ExerciseContext> => ({
  id: `${task}/rates`,
  kind: 'code',
  task,
  title: `${name}: everything trains, the head fastest and the first layers slowest`,
  async run(context) {
    const facts = await existing(context, name);
    return judgeRates(facts, await strategyPlace(context, facts));
  },
});

/** Looks at the last phase, in which most trains. */
export function judgeRates(
  facts: ExperimentFacts,
  place: { readonly file: string; readonly line: number },
): CheckOutcome {
  const { name, layerGroups, phases } = facts;
  if (startsFromRandom(facts))
    return wrong(
      'from-scratch',
      `Start from the pretrained weights: in ${name} nothing is there yet that low rates could spare.`,
      place,
    );
  const rates = layerGroups.map((group) => phases.at(-1)?.learningRates[group] ?? 0);
  const inWords = layerGroups.map((group, index) => `${group} ${rates[index] ?? 0}`).join(', ');
  const frozen = layerGroups.filter((_, index) => rates[index] === 0);
  if (frozen.length > 0)
    return wrong(
      'too-little-trains',
      `Let ${frozen.join(', ')} train as well, slowly: in ${name} the rates are ${inWords}.`,
      place,
    );
  const [first = 0] = rates;
  if (rates.every((rate) => rate === first))
    return wrong(
      'one-rate-for-all',
      `Give the groups rates of their own: in ${name} all have ${first}. The new head can go faster than layers that know something.`,
      place,
    );
  if (rates.some((rate, index) => rate > (rates[index + 1] ?? Infinity)))
    return wrong(
      'rates-upside-down',
      `Let rates rise from the input to the head: early layers fit any picture, the head fits none yet. In ${name} they are ${inWords}.`,
      place,
    );
  return passed(inWords);
}
