import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent } from '../src/protocol/events';
import { assetsRoot } from '../src/training/assets';
import { launcher } from '../src/training/cli/run-commands';
import { followRun, startRun, stopRun } from '../src/training/runs/index';
import { type Piece, median } from './piece';

const TARGET_MS = 3000;
const EXPERIMENT = `import { experiment, imageFolder, resnet18, strategies } from 'transfer-lab';
export const wholeNetwork = experiment({
  data: imageFolder('data', { imageSize: 64, seed: 1 }),
  model: resnet18({ weights: 'embedded' }),
  strategy: strategies.wholeModel(),
  epochs: 12, batchSize: 16, seed: 1,
});
`;

/** The run process as the editor starts it, from its start until the first step stands in the journal. */
export const clickToFirstStep: Piece = {
  name: 'click-to-first-step',
  summary: "from the start of exercise 1's run process to its first training step (--rounds)",
  async measure({ rounds }) {
    const folder = await mkdtemp(join(tmpdir(), 'transfer-lab-bench-'));
    try {
      await cp(join(assetsRoot(), 'media/data/emoji-10'), join(folder, 'data'), { recursive: true });
      const file = join(folder, 'experiment.ts');
      await writeFile(file, EXPERIMENT);
      const runs: Record<string, number>[] = [];
      for (let round = 0; round < rounds; round++) runs.push(await one(file));
      const names = Object.keys(runs[0] ?? {});
      const reachedMs = Object.fromEntries(
        names.map((name) => [name, Math.round(median(runs.map((run) => run[name] ?? NaN)))]),
      );
      return { rounds, reachedMs, targetMs: TARGET_MS };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Milliseconds after the start at which each part of the preparation began and the first step ended. */
async function one(file: string): Promise<Record<string, number>> {
  const started = Date.now();
  const place = await startRun({ file, experiment: 'wholeNetwork' }, launcher());
  const reached: Record<string, number> = {};
  const note = (event: RunEvent, timeMs: number): void => {
    const name =
      event.type === 'preparing' ? event.phase : event.type === 'stepEnd' ? 'firstStep' : undefined;
    if (name !== undefined) reached[name] ??= timeMs - started;
    if (event.type === 'failed') throw new Error(event.problem.message);
    if (event.type === 'stepEnd' && event.step === 1) void stopRun(place.directory);
  };
  await followRun(place.directory, {
    onRecords: (records) => {
      for (const { event, timeMs } of records) note(event, timeMs);
    },
  }).ended;
  return reached;
}
