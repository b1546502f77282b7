import { basename } from 'node:path';
import type { ExperimentFacts } from '../../protocol/checking';
import { notAttempted, passed, wrong, type Check, type CheckOutcome } from '../check';
import type { ExerciseContext } from '../exercise-context';
import { existing, lineOf, placeIn, strategyPlace } from './places';

type ExerciseCheck = Check<ExerciseContext>;

/** A task whose result is an exported experiment. */
export interface ExperimentTask {
  /** Its id in exercise.json. */
  readonly task: string;
  /** The experiment's name. */
  readonly name: string;
  /** Finds the line of its TODO in the starter. */
  readonly todo: RegExp;
}

/** The compiler has nothing to say. */
export const typesAreRight: ExerciseCheck = {
  id: 'types',
  kind: 'code',
  title: 'Names and types fit together',
  spares: 'training',
  async run(context) {
    const [first, ...more] = await context.types();
    if (!first) return passed();
    const rest = more.length === 0 ? '' : ` (and ${more.length} more)`;
    // TS1000 to TS1999 are errors of the grammar: the file cannot be read at all.
    const mistake = /^TS1\d{3}$/.test(first.code) ? 'syntax-error' : 'type-error';
    return wrong(
      mistake,
      `Correct what TypeScript underlines here${rest}: ${first.message.replace(/\.?$/, '.')} (${first.code})`,
      first.location,
    );
  },
};

/** The file runs, and exports an experiment. */
export const fileLoads: ExerciseCheck = {
  id: 'loads',
  kind: 'code',
  title: 'The file can be read',
  spares: 'everything',
  async run(context) {
    const experiments = await context.experiments();
    if (experiments.length > 0) return passed();
    return wrong(
      'no-experiments',
      `Export an experiment (export const first = experiment({ … })): ${basename(context.file)} exports none.`,
      { file: context.file, line: 1 },
    );
  },
};

/** The experiment is there. */
export const isWritten = ({ task, name, todo }: ExperimentTask): ExerciseCheck => ({
  id: `${task}/written`,
  kind: 'code',
  task,
  title: `There is an experiment named ${name}`,
  async run(context) {
    const facts = await context.experiment(name);
    const source = await context.source();
    const { file } = context;
    if (facts) {
      if (!facts.planProblem) return passed();
      const { code, remedy, message, location = facts.location } = facts.planProblem;
      return todo.test(message)
        ? notAttempted(message, location)
        : wrong(
            code === 'internal-error' ? 'plan-threw' : code,
            `${remedyFor(code, remedy)} ${message}`,
            location,
          );
    }
    const hidden = lineOf(source, new RegExp(`^\\s*(?:const|let|var)\\s+${name}\\b`));
    if (hidden !== undefined)
      return wrong('not-exported', `Write "export" before it: ${name} is there, but not exported.`, {
        file,
        line: hidden,
      });
    const others = (await context.experiments()).map((one) => one.name);
    const line = lineOf(source, todo);
    const near = others.find((other) => other.toLowerCase() === name.toLowerCase());
    if (near !== undefined)
      return wrong('other-name', `Rename ${near} to ${name}: checks and reports look for that name.`, {
        file,
        line: lineOf(source, new RegExp(`\\b${near}\\b`)) ?? 1,
      });
    return notAttempted(
      `Write an experiment named ${name}${line === undefined ? '' : ' at this TODO'}. So far the file exports ${others.join(', ')}.`,
      { file, line: line ?? 1 },
    );
  },
});

/** The TODO lines of finished tasks are gone. */
export const noTodoLeft = (tasks: readonly ExperimentTask[]): ExerciseCheck => ({
  id: 'todo',
  kind: 'code',
  title: 'No TODO is left',
  async run(context) {
    const source = await context.source();
    const line = lineOf(source, /\/\/\s*TODO\b|\/\*\*?\s*TODO\b|^\s*\*\s*TODO\b/);
    if (line === undefined) return passed();
    const place = { file: context.file, line };
    const written = await Promise.all(tasks.map(({ name }) => context.experiment(name)));
    const text = (source.split('\n')[line - 1] ?? '').trim().replace(/^[/*\s]+/, '');
    return written.every((facts) => facts !== undefined && !facts.planProblem)
      ? wrong('todo-left', `Delete this line when its task is done: it still says "${text}".`, place)
      : notAttempted(`Open: ${text}`, place);
  },
});

/** What the plan trains is what the task asks for: read off the plan, not off the text. */
export const trainsExactly = (
  { task, name }: ExperimentTask,
  title: string,
  wanted: (groups: readonly string[]) => readonly string[],
): ExerciseCheck => ({
  id: `${task}/trains`,
  kind: 'code',
  task,
  title,
  async run(context) {
    const facts = await existing(context, name);
    return judgePlan(facts, wanted(facts.layerGroups), await strategyPlace(context, facts));
  },
});

/** No pretrained weights: there is nothing to transfer. */
export const startsFromRandom = ({ strategy, model }: ExperimentFacts): boolean =>
  !strategy.pretrained || model.weights === null;

/** @param wanted names of the groups that the task wants trained */
export function judgePlan(
  facts: ExperimentFacts,
  wanted: readonly string[],
  place: { readonly file: string; readonly line: number },
): CheckOutcome {
  const { name, layerGroups, phases } = facts;
  if (startsFromRandom(facts))
    return wrong(
      'from-scratch',
      `Start from the pretrained weights: ${name} begins with random ones, so there is nothing to transfer.`,
      place,
    );
  const rates = phases.flatMap(({ learningRates }) => Object.entries(learningRates));
  const trained = layerGroups.filter((group) => rates.some(([name, rate]) => name === group && rate > 0));
  const head = layerGroups.at(-1) ?? '';
  const extra = trained.filter((group) => !wanted.includes(group));
  const missing = wanted.filter((group) => !trained.includes(group));
  if (missing.includes(head))
    return wrong(
      'head-not-trained',
      `Let the head (${head}) train: it starts from random numbers, and in ${name} it would stay random.`,
      place,
    );
  if (extra.length > 0 && trained.length === layerGroups.length)
    return wrong(
      'everything-trains',
      `Freeze all but ${list(wanted)}: in ${name} the whole network trains (${trained.join(', ')}).`,
      place,
    );
  if (extra.length > 0)
    return wrong(
      'too-much-trains',
      `Freeze ${list(extra)}: in ${name} only ${list(wanted)} should train.`,
      place,
    );
  if (missing.length > 0)
    return wrong(
      'too-little-trains',
      `Let ${list(missing)} train as well: in ${name} only ${list(trained)} does.`,
      place,
    );
  return passed(`${list(trained)} of ${layerGroups.join(', ')}`);
}

/**
 * Nothing but one thing differs from another experiment of the file, so that a comparison says something about that one.
 * @param free what the task asks to change
 */
export const sameSetupAs = (
  { task, name }: ExperimentTask,
  other: string,
  free: 'strategy' | 'pooling' = 'strategy',
): ExerciseCheck => ({
  id: `${task}/setup`,
  kind: 'code',
  task,
  title: `${name} differs from ${other} in its ${free} only`,
  async run(context) {
    const facts = await existing(context, name);
    const model = await context.experiment(other);
    if (!model)
      return wrong('unfair-comparison', `Keep the experiment ${other}: the new ones are compared with it.`, {
        file: context.file,
        line: 1,
      });
    const source = await context.source();
    const differing = (
      [
        ['data', facts.data.path === model.data.path && facts.data.form === model.data.form],
        [
          'model',
          facts.model.architecture === model.model.architecture &&
            facts.model.weights === model.model.weights &&
            facts.model.form === model.model.form,
        ],
        ['pooling', free === 'pooling' || facts.model.pooling === model.model.pooling],
        ['strategy', free === 'strategy' || sameRates(facts, model)],
        ['epochs', facts.epochs === model.epochs],
        ['batchSize', facts.batchSize === model.batchSize],
      ] as const
    ).find(([, same]) => !same)?.[0];
    if (differing === undefined) return passed();
    return wrong(
      'unfair-comparison',
      `Give ${name} the same ${differing} as ${other}: if two things differ, nobody can say which of them made the difference.`,
      placeIn(source, facts, new RegExp(`\\b${differing}\\b`)),
    );
  },
});

const sameRates = (a: ExperimentFacts, b: ExperimentFacts): boolean =>
  JSON.stringify(a.phases) === JSON.stringify(b.phases);

function remedyFor(code: string, remedy: string): string {
  return code === 'internal-error' ? 'Correct the line; planning stopped there.' : remedy;
}

/** "layer4 and fc" */
function list(names: readonly string[]): string {
  return names.length < 2
    ? (names[0] ?? 'nothing')
    : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
