import { LearnerError } from '../../protocol/errors';
import type { ModelChoice } from '../experiment';
import { findArchitecture } from '../models';
import { openCheckpoint, type Checkpoint } from './load';

/**
 * The weights of a model where they are on this computer; no connection is opened.
 * @returns 'random' where none are asked for, 'elsewhere' where they would have to be downloaded
 * @throws {LearnerError} where a run would not begin either
 */
export async function checkpointHere(
  { weights, architecture }: ModelChoice,
  directory: string,
): Promise<Checkpoint | 'random' | 'elsewhere'> {
  if (weights === null) return 'random';
  try {
    const env = { ...process.env, HF_HUB_OFFLINE: '1' };
    return await openCheckpoint(weights, findArchitecture(architecture), directory, { env });
  } catch (error) {
    if (error instanceof LearnerError && error.problem.code === 'hub-offline') return 'elsewhere';
    throw error;
  }
}
