import { allStrategies } from '../lab';
import { LearnerError } from '../protocol/errors';
import type { RunFile } from '../protocol/run-files';
import { isExperiment } from './experiment';
import type { Experiment } from './experiment';
import { pickExperiment } from './runs/load-experiment';
import type { LoadedFile } from './runs/load-experiment';

/** The experiment that a run asks for, under another strategy where it names one. */
export function pickForRun(loaded: LoadedFile, run: Pick<RunFile, 'experiment' | 'strategy'>): Experiment {
  const own = pickExperiment(loaded, run.experiment, isExperiment);
  if (run.strategy === undefined) return own;
  const strategy = allStrategies.find(({ id }) => id === run.strategy);
  if (!strategy) {
    throw new LearnerError({
      code: 'strategy-unknown',
      message: `There is no strategy "${run.strategy}".`,
      remedy: `Choose one of: ${allStrategies.map(({ id }) => id).join(', ')}.`,
    });
  }
  return strategy.derive(own);
}
