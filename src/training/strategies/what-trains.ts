import { LearnerError } from '../../protocol/errors';
import type { BatchNormState } from '../../protocol/events';
import { wholePolicy, type BatchNormPolicy } from './batch-norm';
import { matches, nearest } from './patterns';
import type { Phase } from './strategy';

/** A layer group as far as strategies know it: names and sizes, no values. */
export interface GroupParts {
  readonly name: string;
  /** In checkpoint order. */
  readonly parameters: readonly ParameterPart[];
  /** Numbers of BatchNorm's running statistics; 0: the group has no BatchNorm. */
  readonly buffers: number;
}

export interface ParameterPart {
  /** The checkpoint's name: 'layer1.0.conv1.weight'. */
  readonly name: string;
  readonly size: number;
  /** Scale or shift of a BatchNorm layer. */
  readonly ofNorm: boolean;
}

/** What a phase does to one group. */
export interface GroupState {
  readonly name: string;
  /** Names of the parameters that train; none: the group is frozen. */
  readonly trains: ReadonlySet<string>;
  /** Of the parameters that train, before the schedule. */
  readonly learningRate?: number;
  /** Its dropout is at work: the phase trains the group as a whole. */
  readonly active: boolean;
  readonly batchNorm?: BatchNormState;
  /** Part of the frozen prefix: nothing in it or before it changes or looks at a batch, so it runs once for each picture. */
  readonly cached: boolean;
}

/** The groups that a strategy chooses from: one without parameters (a mean over tokens) has nothing to train. */
export const trainableGroups = (groups: readonly GroupParts[]): string[] =>
  groups.filter(({ parameters }) => parameters.length > 0).map(({ name }) => name);

/**
 * What trains in a phase, group by group from input to output. The one answer that the training step, the optimizer, the
 * cache of the frozen prefix and the freeze map all go by.
 */
export function whatTrains(
  groups: readonly GroupParts[],
  phase: Pick<Phase, 'learningRates' | 'parameters'>,
  policy?: BatchNormPolicy,
): GroupState[] {
  const { frozen, trained, affine } = wholePolicy(policy);
  const lowest = Math.min(...Object.values(phase.learningRates));
  let cached = true;
  return groups.map((group, index) => {
    const { name, parameters, buffers } = group;
    const rate = phase.learningRates[name];
    const isHead = index === groups.length - 1;
    const own = parameters.filter(
      (part) =>
        rate !== undefined &&
        (isHead || phase.parameters === undefined || matches(phase.parameters, part.name)) &&
        !(part.ofNorm && affine === 'none'),
    );
    const active = own.length > 0;
    const norms = affine === 'all' && !active ? parameters.filter(({ ofNorm }) => ofNorm) : [];
    const trains = new Set([...own, ...norms].map((part) => part.name));
    const mode = active ? trained : frozen;
    cached &&= trains.size === 0 && (buffers === 0 || mode === 'eval');
    return {
      name,
      trains,
      ...(trains.size > 0 ? { learningRate: active ? (rate ?? lowest) : lowest } : {}),
      active,
      ...(buffers > 0
        ? { batchNorm: { mode, affine: parameters.some((part) => part.ofNorm && trains.has(part.name)) } }
        : {}),
      cached,
    };
  });
}

/**
 * A pattern of parameters that fits none of the model's is a slip of the pen.
 * @throws {LearnerError} 'unknown-parameter', with what would have fitted
 */
export function requireParameters(groups: readonly GroupParts[], phases: readonly Phase[]): void {
  const names = groups.slice(0, -1).flatMap(({ parameters }) => parameters.map(({ name }) => name));
  for (const { parameters: pattern } of phases) {
    if (pattern === undefined || names.some((name) => matches(pattern, name))) continue;
    const close = nearest(pattern, names);
    throw new LearnerError({
      code: 'unknown-parameter',
      message: `No parameter's name fits ${pattern}. Layer groups of this model: ${groups.map(({ name }) => name).join(', ')}; their first parameters: ${groups.flatMap(({ parameters }) => parameters[0]?.name ?? []).join(', ')}.`,
      remedy: `Correct the pattern${close === undefined ? '' : `; near it is "${close}"`}.`,
    });
  }
}
