import { createHash } from 'node:crypto';
import type { Experiment } from '../experiment';
import { experimentFingerprint } from '../preparation';
import type { Phase } from '../strategies/strategy';

/** Names what an experiment says: another word in it is another key. */
export const settingsKey = (experiment: Experiment, phases: readonly Phase[]): string =>
  createHash('sha256').update(experimentFingerprint(experiment, phases)).digest('hex').slice(0, 32);
