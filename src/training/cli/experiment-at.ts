import { dirname } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import * as tf from '@tensorflow/tfjs';
import * as lab from '../../lab';
import { LearnerError, toProblem } from '../../protocol/errors';
import { isExperiment, type Experiment } from '../experiment';
import { loadExperimentFile, pickExperiment, problemAt } from '../runs/load-experiment';
import type { CommonOptions } from './run-commands';
import { findTarget } from './target';

export interface ExperimentOptions extends CommonOptions {
  /** The text of the file is on standard input: edits that are not saved count. */
  readonly stdin?: boolean;
}

export interface Found {
  readonly name: string;
  readonly experiment: Experiment;
  /** Paths in the experiment are relative to it. */
  readonly directory: string;
  readonly file: string;
  /** In place of what the file holds. */
  readonly source?: string;
}

/**
 * Evaluates an experiment's file in this process, and does something with what it says.
 * @throws {LearnerError} with the line of the learner's file where an error came from there
 */
export async function withExperiment<T>(
  path: string,
  options: ExperimentOptions,
  use: (found: Found) => Promise<T>,
): Promise<T> {
  const { file, experiment: name } = await findTarget(path, options.experiment);
  const source = options.stdin === true ? await readAll(process.stdin) : undefined;
  const loaded = await loadExperimentFile(file, {
    modules: { 'transfer-lab': lab, '@tensorflow/tfjs': tf },
    ...(source === undefined ? {} : { source }),
  });
  const experiment = pickExperiment(loaded, name, isExperiment);
  const unsaved = source === undefined ? {} : { source };
  return use({ name, experiment, directory: dirname(file), file, ...unsaved }).catch((error: unknown) => {
    throw new LearnerError(problemAt(toProblem(error), loaded.locate(error)), { cause: error });
  });
}
