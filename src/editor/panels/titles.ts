import type { RunFile } from '../../protocol/run-files';
import { runTitle } from '../labels';

/** Titles that differ: runs of the same experiment and strategy are told apart by when they began. */
export function titlesOf(runs: readonly RunFile[]): ReadonlyMap<string, string> {
  const count = new Map<string, number>();
  for (const run of runs) count.set(runTitle(run), (count.get(runTitle(run)) ?? 0) + 1);
  const days = new Set(runs.map(({ createdAt }) => new Date(createdAt).toDateString()));
  return new Map(
    runs.map((run) => {
      const title = runTitle(run);
      if (count.get(title) === 1) return [run.runId, title];
      const began = new Date(run.createdAt);
      const time = began.toTimeString().slice(0, 8);
      const day = days.size > 1 ? `${began.toLocaleDateString('en-CA')} ` : '';
      return [run.runId, `${title} · ${day}${time}`];
    }),
  );
}
