import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Evaluation, Prediction } from '../../protocol/events';
import { RUN_FILES } from '../../protocol/run-files';
import type { Engine } from '../engine/types';
import type { Experiment } from '../experiment';
import { scoreWhole } from '../final-score';
import { experimentFingerprint, prepare } from '../preparation';
import { listRuns } from '../runs';
import type { Phase } from '../strategies/strategy';
import { quietContext } from './quiet-context';

const configSchema = z.object({ fingerprint: z.object({ experiment: z.string() }) });

export interface RecordedRun {
  readonly evaluation: Evaluation;
  readonly predictions: readonly Prediction[];
  readonly bestEpoch: number;
  readonly seconds: number;
}

/**
 * A finished run of the learner with exactly these settings, its best weights scored again item by item. A run whose
 * score does not come out as it was recorded was made with other pictures or texts, and is left alone.
 */
export async function recordedRun(
  engine: Engine,
  experiment: Experiment,
  phases: readonly Phase[],
  folder: string,
): Promise<RecordedRun | undefined> {
  const wanted = experimentFingerprint(experiment, phases);
  for (const { directory, state } of await listRuns(folder)) {
    const { status, final, bestEpoch = 0, seconds = 0 } = state;
    if (status !== 'finished' || !final) continue;
    const best = join(directory, RUN_FILES.best);
    if ((await fingerprintIn(best)) !== wanted) continue;
    const scored = await score(engine, experiment, join(best, 'model.safetensors'), folder);
    if (scored.evaluation.accuracy === final.accuracy) return { ...scored, bestEpoch, seconds };
  }
  return undefined;
}

async function fingerprintIn(best: string): Promise<string | undefined> {
  try {
    const text = await readFile(join(best, 'config.json'), 'utf8');
    return configSchema.parse(JSON.parse(text)).fingerprint.experiment;
  } catch {
    return undefined; // Without it nobody can say that the settings are the same.
  }
}

async function score(
  engine: Engine,
  experiment: Experiment,
  weights: string,
  folder: string,
): Promise<Pick<RecordedRun, 'evaluation' | 'predictions'>> {
  const strategy = { ...experiment.strategy, pretrained: true };
  const trained = { ...experiment, strategy, model: { ...experiment.model, weights } };
  const context = quietContext(engine, folder, () => undefined);
  const { dataset, model } = await prepare(trained, context);
  const split = dataset.splits.test.count > 0 ? 'test' : 'val';
  try {
    return scoreWhole(engine, model, dataset, split);
  } finally {
    model.dispose();
  }
}
