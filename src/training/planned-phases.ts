import type { Phase } from './strategies/strategy';

/** A phase and its place in the run. */
export interface PlannedPhase {
  readonly phase: Phase;
  /** Epochs of the run before it, and up to its end. */
  readonly firstEpoch: number;
  readonly endEpoch: number;
}

export function planPhases(phases: readonly Phase[]): PlannedPhase[] {
  let firstEpoch = 0;
  return phases.map((phase) => {
    const endEpoch = firstEpoch + phase.epochs;
    const planned = { phase, firstEpoch, endEpoch };
    firstEpoch = endEpoch;
    return planned;
  });
}

/** The phase of an epoch, counted from 1: the one that training was last in when so many are finished. Past the end it is the last. */
export function phaseInHand(planned: readonly PlannedPhase[], epochs: number): PlannedPhase {
  const found = planned.filter(({ firstEpoch }) => firstEpoch < epochs).at(-1) ?? planned[0];
  if (!found) throw new Error('The strategy planned no phase.');
  return found;
}
