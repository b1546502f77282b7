import type { ProbedGroup } from '../../protocol/checking';
import { passed, wrong, type Check } from '../check';
import type { ExerciseContext } from '../exercise-context';
import type { ExperimentTask } from './code';
import { existing, strategyPlace } from './places';

/** Enough for every weight with a gradient to move, few enough to take seconds. */
const STEPS = 6;

/** Frozen groups are bit for bit what they were, BatchNorm statistics included. */
export const frozenStaysFrozen = ({ task, name }: ExperimentTask): Check<ExerciseContext> => ({
  id: `${task}/frozen`,
  kind: 'behaviour',
  task,
  title: `${name}: after ${STEPS} real steps, what is frozen is the same bit for bit`,
  async run(context) {
    const { phases } = await context.probe(name, STEPS);
    const frozen = phases.flatMap(({ groups }) => groups.filter(({ trains }) => !trains));
    const moved = frozen.filter(({ identical }) => !identical);
    const [first] = moved;
    if (!first)
      return passed(
        frozen.length === 0
          ? 'nothing is frozen'
          : `${names(frozen)}: weights, and BatchNorm statistics where there are any`,
      );
    const place = await strategyPlace(context, await existing(context, name));
    const weights = moved.filter(({ relativeChange }) => relativeChange > 0);
    return weights.length > 0
      ? wrong('frozen-moved', `Freeze ${names(weights)}: the weights moved while training.`, place)
      : wrong(
          'batch-norm-drift',
          `Put frozen BatchNorm layers in evaluation mode: the running statistics of ${names(moved)} moved, the weights did not.`,
          place,
        );
  },
});

/** Whatever the plan trains has moved, the head among it. */
export const trainedMoves = ({ task, name }: ExperimentTask): Check<ExerciseContext> => ({
  id: `${task}/moves`,
  kind: 'behaviour',
  task,
  title: `${name}: after ${STEPS} real steps, what should learn has moved`,
  async run(context) {
    const { phases } = await context.probe(name, STEPS);
    const facts = await existing(context, name);
    const head = facts.layerGroups.at(-1);
    const trained = phases.flatMap(({ groups }) => groups.filter(({ trains }) => trains));
    const still = trained.filter(({ relativeChange }) => relativeChange === 0);
    if (still.length === 0)
      return passed(
        trained.map(({ name: group, relativeChange }) => `${group} by ${percent(relativeChange)}`).join(', '),
      );
    return wrong(
      still.some(({ name: group }) => group === head) ? 'head-not-trained' : 'rate-too-low',
      `Raise the learning rate of ${names(still)}: not one weight moved in ${STEPS} steps.`,
      await strategyPlace(context, facts),
    );
  },
});

/** Beyond this share of their own length, weights have gone so far in a few steps that what they knew is overwritten. */
const OVERWRITTEN = 0.5;

/** Pretrained groups learn in small steps: they are adjusted, not replaced. The head may go far, as it has nothing to lose. */
export const keepsWhatItKnew = ({ task, name }: ExperimentTask): Check<ExerciseContext> => ({
  id: `${task}/keeps`,
  kind: 'behaviour',
  task,
  title: `${name}: after ${STEPS} real steps, pretrained layers still are what they were, nearly`,
  async run(context) {
    const { phases } = await context.probe(name, STEPS);
    const facts = await existing(context, name);
    const head = facts.layerGroups.at(-1);
    const learning = phases.flatMap(({ groups }) =>
      groups.filter((group) => group.trains && group.name !== head),
    );
    const [far] = learning
      .filter(({ relativeChange }) => relativeChange > OVERWRITTEN)
      .sort((a, b) => b.relativeChange - a.relativeChange);
    if (!far) return passed();
    return wrong(
      'rate-too-high',
      `Lower the learning rate, to a tenth or less: in ${STEPS} steps the weights of ${far.name} moved by ${percent(far.relativeChange)} of their own length, so what they knew is overwritten.`,
      await strategyPlace(context, facts),
    );
  },
});

/** A second training leaves as many tensors in memory as it found. */
export const leavesNoTensor = ({ task, name }: ExperimentTask): Check<ExerciseContext> => ({
  id: `${task}/memory`,
  kind: 'behaviour',
  task,
  title: `${name}: training leaves no tensor in memory`,
  async run(context) {
    const { leakedTensors } = await context.probe(name, STEPS);
    if (leakedTensors <= 0) return passed();
    return wrong(
      'tensor-leak',
      `Wrap own TensorFlow.js code in tf.tidy and keep no tensors: ${leakedTensors} more were in memory after a second training than before it.`,
      (await existing(context, name)).location,
    );
  },
});

const names = (groups: readonly ProbedGroup[]): string =>
  [...new Set(groups.map(({ name }) => name))].join(', ');

const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;
