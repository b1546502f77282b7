import type { ExperimentFacts } from '../../protocol/checking';
import type { SourceLocation } from '../../protocol/errors';
import type { ExerciseContext } from '../exercise-context';

/** The first line from `fromLine` on that `pattern` matches, from 1; undefined if there is none. */
export function lineOf(source: string, pattern: RegExp, fromLine = 1): number | undefined {
  const index = source.split('\n').findIndex((text, line) => line >= fromLine - 1 && pattern.test(text));
  return index === -1 ? undefined : index + 1;
}

/**
 * Where in an experiment something is said: the first line of its text that `pattern` matches, else the line of its name.
 * Only for pointing; what an experiment means is read off the object.
 */
export function placeIn(source: string, facts: ExperimentFacts, pattern: RegExp): SourceLocation {
  const { file, line } = facts.location;
  const next = lineOf(source, /^export\b/, line + 1) ?? Infinity;
  const found = lineOf(source, pattern, line);
  return { file, line: found !== undefined && found < next ? found : line };
}

/** Where the strategy of an experiment is chosen. */
export async function strategyPlace(
  context: ExerciseContext,
  facts: ExperimentFacts,
): Promise<SourceLocation> {
  return placeIn(await context.source(), facts, /\bstrateg(?:y|ies)\b/);
}

/** @throws {Error} if it is not there: code checks come first, and they say it */
export async function existing(context: ExerciseContext, name: string): Promise<ExperimentFacts> {
  const facts = await context.experiment(name);
  if (!facts) throw new Error(`The experiment ${name} is gone.`);
  return facts;
}
