import { notAttempted, passed, wrong, type Check } from '../check';
import type { ExerciseContext } from '../exercise-context';
import type { ExperimentTask } from './code';
import { existing, lineOf, placeIn } from './places';

/** What `textFile` and `textFolder` cut at, if nobody says where. */
const DEFAULT_TOKENS = 128;

/**
 * The texts are cut where nearly all of them have ended.
 * @param shortest cuts too many of these texts
 * @param longest is far beyond nearly all of them
 */
export const cutsTexts = (
  { task, name, todo }: ExperimentTask,
  { shortest, longest }: { readonly shortest: number; readonly longest: number },
): Check<ExerciseContext> => ({
  id: `${task}/cut`,
  kind: 'code',
  task,
  title: `Texts are cut at ${shortest} to ${longest} tokens`,
  async run(context) {
    const { maxTokens = DEFAULT_TOKENS } = (await existing(context, name)).data;
    const source = await context.source();
    const { file } = context;
    const place = { file, line: lineOf(source, /\btext(?:File|Folder)\(/) ?? 1 };
    if (maxTokens === DEFAULT_TOKENS)
      return notAttempted('Say in the options of textFolder where texts are cut: maxTokens.', {
        file,
        line: lineOf(source, todo) ?? place.line,
      });
    if (maxTokens < shortest)
      return wrong(
        'cut-too-short',
        `Give maxTokens at least ${shortest}: after ${maxTokens}, many of these texts have not ended, and what is cut off may be what they say.`,
        place,
      );
    if (maxTokens > longest)
      return wrong(
        'cut-too-long',
        `Give maxTokens at most ${longest}: hardly one of these texts is longer, and one that were would make its whole batch slow.`,
        place,
      );
    return passed(`at ${maxTokens}`);
  },
});

/** A text's vector is the mean over its tokens. */
export const poolsByMean = ({ task, name }: ExperimentTask): Check<ExerciseContext> => ({
  id: `${task}/pooling`,
  kind: 'code',
  task,
  title: `${name} takes the mean of all tokens`,
  async run(context) {
    const facts = await existing(context, name);
    if (facts.model.pooling === 'mean') return passed();
    return wrong(
      'other-pooling',
      `Set pooling to 'mean' in the model of ${name}: with '${facts.model.pooling ?? 'mean'}' its head still reads one token alone.`,
      placeIn(await context.source(), facts, /\bpooling\b|\bmodel\b/),
    );
  },
});
