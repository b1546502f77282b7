import * as z from 'zod';
import { LearnerError } from '../../protocol/errors';
import { matches, nearest, patternText, type Pattern } from './patterns';
import { atRate, describeIssues, readOptions, type OptimizerOptions, type Strategy } from './strategy';

/** Which groups train: names and patterns, one or several, or the last so many, counted from the head. */
export type LayerChoice = Pattern | readonly Pattern[] | { readonly last: number };

const pattern = z.union([z.string().min(1), z.instanceof(RegExp)]);
const choiceSchema = z.union(
  [pattern, z.array(pattern).min(1), z.strictObject({ last: z.int().min(1) })],
  "expected names or patterns of layer groups, as ['layer4', 'fc'], 'layer*' or /^layer[34]$/, or { last: 2 }",
);

/** The groups that the learner chooses train. The head always does: its weights are new. */
export function layerGroups(choice: LayerChoice, options?: OptimizerOptions): Strategy {
  const parsed = choiceSchema.safeParse(choice);
  if (!parsed.success) {
    throw new LearnerError({
      code: 'strategy-invalid',
      message: `strategies.layerGroups: ${describeIssues(parsed.error)}.`,
      remedy: 'Name at least one group; hover over layerGroups to see the forms.',
    });
  }
  const { learningRate, settings } = readOptions('layerGroups', options, 1e-3);
  const wanted = isLast(choice) ? [] : [choice].flat().map(patternText);
  return {
    kind: 'strategy',
    id: 'layer-groups',
    title: isLast(choice) ? `last ${choice.last} groups` : wanted.join(' + '),
    pretrained: true,
    settings,
    plan: (groups, epochs) => {
      const chosen = isLast(choice) ? lastOf(groups, choice.last) : named(groups, wanted);
      const trained = groups.filter((group, index) => chosen.has(group) || index === groups.length - 1);
      return [{ name: trained.join(' + '), epochs, learningRates: atRate(trained, learningRate) }];
    },
  };
}

const isLast = (choice: LayerChoice): choice is { readonly last: number } =>
  typeof choice === 'object' && 'last' in choice;

function lastOf(groups: readonly string[], count: number): ReadonlySet<string> {
  if (count <= groups.length) return new Set(groups.slice(-count));
  throw new LearnerError({
    code: 'unknown-layer-group',
    message: `The last ${count} layer groups were asked for, but this model has ${groups.length}: ${groups.join(', ')}.`,
    remedy: `Ask for ${groups.length} or fewer; strategies.wholeModel() trains all.`,
  });
}

function named(groups: readonly string[], wanted: readonly string[]): ReadonlySet<string> {
  const unknown = wanted.filter((text) => !groups.some((group) => matches(text, group)));
  if (unknown.length === 0)
    return new Set(groups.filter((group) => wanted.some((text) => matches(text, group))));
  const all = groups.join(', ');
  const close = unknown.flatMap((text) => nearest(text, groups) ?? []);
  throw new LearnerError({
    code: 'unknown-layer-group',
    message: `No layer group "${unknown.join('", "')}". Groups of this model: ${all}.`,
    remedy:
      close.length > 0
        ? `Did you mean "${[...new Set(close)].join('", "')}"? Name one or more of: ${all}.`
        : `Name one or more of: ${all}. To choose single weights by their names: strategies.parameters(…).`,
  });
}
