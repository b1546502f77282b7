/** What a strategy does to a model, without a run. Pure: the same description, strategy and epoch give the same map. */
import type { LayerGroupInfo } from '../protocol/events';
import { trainedIn, type FreezeMap, type FreezeMapRow, type StepCost } from '../protocol/freeze-map';
import { phaseInHand, planPhases } from './planned-phases';
import { createSchedule, type Schedule } from './schedules';
import type { OptimizerSettings, Phase, Strategy } from './strategies/strategy';
import {
  requireParameters,
  trainableGroups,
  whatTrains,
  type GroupParts,
  type GroupState,
  type ParameterPart,
} from './strategies/what-trains';

/** A layer group with what one picture costs in it. */
export interface GroupDescription extends GroupParts {
  readonly parameters: readonly CountedParameter[];
  /** Operations of a forward pass for one picture. */
  readonly forward: number;
  /** Of these, the ones of layers that read the group's input: nothing before them asks for a gradient through them. */
  readonly entry: number;
}

export interface CountedParameter extends ParameterPart {
  /** Operations of the convolutions and matrix products that it is the weight of, for one picture. */
  readonly operations: number;
}

/** From input to output; the last group is the head. */
export type ModelDescription = readonly GroupDescription[];

export interface Moment {
  /** Of the experiment. */
  readonly epochs: number;
  /** From 1. */
  readonly epoch: number;
  /** Default: as many as make the schedule's shape exact to a hundredth of an epoch. */
  readonly stepsPerEpoch?: number;
}

/**
 * @throws {LearnerError} where the strategy names layers or parameters that the model does not have
 */
export function freezeMap(description: ModelDescription, strategy: Strategy, moment: Moment): FreezeMap {
  const { epochs, epoch, stepsPerEpoch = 100 } = moment;
  const { settings } = strategy;
  const names = trainableGroups(description);
  const phases = strategy.plan(names, epochs);
  requireParameters(description, phases);
  const { phase, firstEpoch: before } = phaseInHand(planPhases(phases), epoch);
  const states = whatTrains(description, phase, settings.batchNorm);
  const factor = scheduleOf(phase, settings, stepsPerEpoch)((epoch - 1 - before) * stepsPerEpoch);
  const costs = stepCosts(description, states);
  const everything = whatTrains(description, everyGroup(names));
  const rows = groupInfos(description, states).map((info, index): FreezeMapRow => {
    const { learningRate } = info;
    return {
      ...info,
      ...(learningRate === undefined ? {} : { learningRateNow: learningRate * factor }),
      cost: costs[index] ?? NOTHING,
    };
  });
  return {
    epoch,
    phase: { name: phase.name, firstEpoch: before + 1, epochs: phase.epochs },
    schedule: settings.schedule,
    rows,
    parameters: rows.reduce((sum, { parameters }) => sum + parameters, 0),
    trainedParameters: trainedIn(rows),
    cost: total(costs),
    wholeCost: total(stepCosts(description, everything)),
    prefixCost: description.reduce(
      (sum, { forward }, index) => sum + (states[index]?.cached ? forward : 0),
      0,
    ),
  };
}

/** The groups as events and views have them. */
export function groupInfos(groups: readonly GroupParts[], states: readonly GroupState[]): LayerGroupInfo[] {
  return groups.map(({ name, parameters, buffers }, index) => {
    const state = states[index];
    const count = (some: typeof parameters): number => some.reduce((sum, { size }) => sum + size, 0);
    const all = count(parameters);
    const trained = count(parameters.filter((part) => state?.trains.has(part.name)));
    return {
      name,
      parameters: all,
      trainable: trained > 0,
      ...(state?.learningRate === undefined ? {} : { learningRate: state.learningRate }),
      ...(trained > 0 && trained < all ? { trainedParameters: trained } : {}),
      buffers,
      ...(state?.batchNorm ? { batchNorm: state.batchNorm } : {}),
      cached: state?.cached ?? false,
    };
  });
}

/** The schedule of a phase, by its steps. */
export function scheduleOf(phase: Phase, settings: OptimizerSettings, stepsPerEpoch: number): Schedule {
  const steps = phase.epochs * stepsPerEpoch;
  const warmup = settings.warmupSteps ?? Math.round(steps / 12);
  return createSchedule(settings.schedule, steps, warmup, phase.oneCycle);
}

const everyGroup = (names: readonly string[]): Pick<Phase, 'learningRates'> => ({
  learningRates: Object.fromEntries(names.map((name) => [name, 1])),
});

const NOTHING: StepCost = { forward: 0, backward: 0 };

/**
 * A layer's gradient for its weights costs as much as its forward pass, and so does the gradient for its input, which is
 * asked for only where something nearer to the input trains.
 */
function stepCosts(description: ModelDescription, states: readonly GroupState[]): StepCost[] {
  let trainedBefore = false;
  return description.map(({ parameters, forward, entry }, index) => {
    const state = states[index];
    if (!state || state.cached) return NOTHING;
    const trains = state.trains.size > 0;
    const forWeights = parameters.reduce(
      (sum, part) => sum + (state.trains.has(part.name) ? part.operations : 0),
      0,
    );
    const forInputs = trainedBefore ? forward : trains ? forward - entry : 0;
    trainedBefore ||= trains;
    return { forward, backward: forWeights + forInputs };
  });
}

function total(costs: readonly StepCost[]): StepCost {
  return costs.reduce(
    (sum, { forward, backward }) => ({ forward: sum.forward + forward, backward: sum.backward + backward }),
    NOTHING,
  );
}
