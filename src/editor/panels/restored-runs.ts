interface Begun {
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/**
 * Which runs a view shows after a reload of the window: those it showed before. VS Code keeps a view's state with a delay, so
 * where the newest living run began after that state was kept, it is the one the learner was looking at.
 * @param state as the view kept it
 * @param living newest first
 */
export function restoredRuns(state: unknown, living: readonly Begun[]): string[] {
  const { runIds, savedAtMs } = (state ?? {}) as { runIds?: unknown; savedAtMs?: unknown };
  const shown = Array.isArray(runIds) ? runIds.filter((id) => typeof id === 'string') : [];
  const [newest] = living;
  if (!newest || shown.includes(newest.runId)) return shown;
  const savedAt = typeof savedAtMs === 'number' ? savedAtMs : 0;
  return Date.parse(newest.createdAt) > savedAt ? [newest.runId] : shown;
}
