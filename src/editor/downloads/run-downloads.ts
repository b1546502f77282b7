import type { WantedDownload } from '../../protocol/errors';
import type { ManagedRun, RunManager } from '../runs/run-manager';
import { mayDownload } from './ask';

/** Runs, or comparisons, that have asked and not gone on yet. */
const asked = new Set<string>();

/**
 * Asks for the weights that a run needs, once for all runs of its comparison; after a yes the same runs go on, in one process.
 * @returns those that go on
 */
export async function downloadFor(
  run: ManagedRun,
  download: WantedDownload,
  manager: RunManager,
): Promise<readonly ManagedRun[]> {
  const { runId, comparisonId } = run.run;
  const about = comparisonId ?? runId;
  if (asked.has(about)) return [];
  asked.add(about);
  try {
    const yes = await mayDownload(download);
    // In the order in which they were begun; the manager has the newest first.
    const together = (): readonly ManagedRun[] =>
      comparisonId === undefined
        ? [run]
        : manager.runs.filter((one) => one.run.comparisonId === comparisonId).reverse();
    await over(together, manager);
    return yes ? await manager.resumeWithDownload(together().filter(wants)) : [];
  } finally {
    asked.delete(about);
  }
}

const wants = ({ state }: ManagedRun): boolean =>
  state.status === 'failed' && state.problem?.code === 'download-needed';

/** Until all of them have ended: they share a process, which ends them one after the other. */
async function over(runs: () => readonly ManagedRun[], manager: RunManager): Promise<void> {
  const areOver = (): boolean => runs().every(({ ended }) => ended);
  if (areOver()) return;
  await new Promise<void>((resolve) => {
    const listening = manager.onDidChange(() => {
      if (!areOver()) return;
      listening.dispose();
      resolve();
    });
  });
}
