import { LearnerError } from '../protocol/errors';
import type { GroupDistance } from '../protocol/events';
import type { Engine } from './engine/types';
import type { Experiment } from './experiment';
import { tensorsOf, type LayerGroup, type Network } from './models/model';
import type { Phase } from './strategies/strategy';
import type { Position } from './training-state';

export interface GroupMovement extends GroupDistance {
  /** Weights and BatchNorm statistics are what they were, bit for bit. */
  readonly identical: boolean;
}

/** How far each of these layer groups is from `initial`; 0 for all others. */
export function distances(
  engine: Engine,
  model: Network,
  initial: ReadonlyMap<string, Float32Array>,
  trained: ReadonlySet<string>,
): GroupDistance[] {
  return model.layerGroups.map((group) => {
    const { name } = group;
    return {
      name,
      relativeChange: trained.has(name) ? compare(engine, model, initial, group).relativeChange : 0,
    };
  });
}

/** How far each layer group has moved since `initial`, a copy of all tensors by checkpoint name. */
export function movement(
  engine: Engine,
  model: Network,
  initial: ReadonlyMap<string, Float32Array>,
): GroupMovement[] {
  return model.layerGroups.map((group) => compare(engine, model, initial, group));
}

function compare(
  engine: Engine,
  model: Network,
  initial: ReadonlyMap<string, Float32Array>,
  group: LayerGroup,
): GroupMovement {
  let change = 0;
  let length = 0;
  let identical = true;
  for (const { name, variable, kind } of tensorsOf(model, group)) {
    const now = engine.data(variable);
    const before = initial.get(name) ?? new Float32Array(now.length);
    for (let index = 0; index < now.length; index++) {
      const was = before[index] ?? 0;
      if (!Object.is(now[index], before[index])) identical = false;
      if (kind !== 'parameter') continue;
      change += ((now[index] ?? 0) - was) ** 2;
      length += was ** 2;
    }
  }
  return { name: group.name, relativeChange: Math.sqrt(change / (length || 1)), identical };
}

/** Why a loss or gradient is no number, and what to do. @param factor of the schedule in this step */
export function notFinite(
  value: number,
  factor: number,
  phase: Phase,
  { step, epoch }: Position,
  experiment: Experiment,
): LearnerError {
  const highest = Math.max(...Object.values(phase.learningRates));
  const where = `The loss became ${value} in step ${step + 1} (epoch ${epoch + 1})`;
  if (step === 0) {
    return new LearnerError({
      code: 'loss-not-finite',
      message: `${where}, before any weight had moved: weights, pictures or an own loss hold something that is no number.`,
      remedy: experiment.loss
        ? 'Check the own loss for log(0) and division by zero.'
        : 'Load other weights, or look at the pictures.',
    });
  }
  return new LearnerError({
    code: 'loss-not-finite',
    message: `${where} at a learning rate of ${(factor * highest).toPrecision(2)}. The likely cause: steps too large, so that weights grow without bound.`,
    remedy: `Set learningRate to ${Number((highest / 10).toPrecision(1))} or less, or add clipNorm: 1.`,
  });
}
