import { passed, wrong, type Check } from '../check';
import type { ExerciseContext } from '../exercise-context';
import type { ExperimentTask } from './code';
import { existing, placeIn } from './places';

/** The experiment has a head of the learner's own, and it returns logits. */
export const writesOwnHead = ({ task, name }: ExperimentTask): Check<ExerciseContext> => ({
  id: `${task}/head`,
  kind: 'code',
  task,
  title: `${name} has a head of its own, which returns logits`,
  async run(context) {
    const facts = await existing(context, name);
    const source = await context.source();
    if (facts.model.head === 'default')
      return wrong(
        'no-own-head',
        `Give the model of ${name} a head: resnet18({ weights: 'embedded', head: … }). So far it has the one linear layer that is there without asking.`,
        placeIn(source, facts, /\bmodel\b/),
      );
    if (facts.model.head === 'probabilities')
      return wrong(
        'softmax-in-head',
        `Return the logits as they are: the head of ${name} returns probabilities, and the loss makes probabilities of them a second time.`,
        placeIn(source, facts, /\bhead\b/),
      );
    return passed();
  },
});
