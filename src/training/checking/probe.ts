import * as tf from '@tensorflow/tfjs';
import type { Probe, ProbedPhase } from '../../protocol/checking';
import type { Engine } from '../engine/types';
import type { Experiment } from '../experiment';
import type { Phase } from '../strategies/strategy';
import { train } from '../trainer';
import { quietContext } from './quiet-context';

/**
 * Trains a few steps of every phase for real, and once more to see whether tensors are left behind.
 * @param phases the plan of the experiment's strategy
 */
export async function probe(
  engine: Engine,
  experiment: Experiment,
  phases: readonly Phase[],
  folder: string,
  steps: number,
): Promise<Probe> {
  const probed: ProbedPhase[] = [];
  for (const phase of phases) probed.push(await probePhase(engine, experiment, phase, folder, steps));
  const [first] = phases;
  const before = tf.memory().numTensors;
  if (first) await probePhase(engine, experiment, first, folder, 2);
  return { phases: probed, leakedTensors: tf.memory().numTensors - before };
}

/** Stops before an epoch ends, so that the weights looked at are those of the last step. */
async function probePhase(
  engine: Engine,
  experiment: Experiment,
  phase: Phase,
  folder: string,
  steps: number,
): Promise<ProbedPhase> {
  const controller = new AbortController();
  const losses: number[] = [];
  const context = quietContext(
    engine,
    folder,
    (event) => {
      if (event.type !== 'stepEnd') return;
      losses.push(event.trainLoss);
      if (losses.length >= steps) controller.abort();
    },
    controller.signal,
  );
  const { strategy } = experiment;
  // The full rate from the first step: with few steps, a warm-up would hide what moves.
  const settings = { ...strategy.settings, warmupSteps: 0 };
  const only = { ...strategy, settings, plan: () => [phase] };
  const { movement } = await train({ ...experiment, strategy: only, epochs: phase.epochs }, context);
  return {
    name: phase.name,
    losses,
    groups: movement.map(({ name, identical, relativeChange }) => ({
      name,
      trains: phase.learningRates[name] !== undefined,
      identical,
      relativeChange,
    })),
  };
}
