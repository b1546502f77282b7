import { isRecord } from '../shared/is-record';

/** Messages of the editor that this view understands (birpc); everything else is ignored. */
export function isRateMessage(data: unknown): boolean {
  if (!isRecord(data)) return false;
  if (data['t'] === 's') return typeof data['i'] === 'string';
  if (data['t'] !== 'q' || data['m'] !== 'show' || !Array.isArray(data['a'])) return false;
  const [shown] = data['a'] as unknown[];
  if (!isRecord(shown) || !isRecord(shown['test']) || typeof shown['experiment'] !== 'string') return false;
  const { run, points } = shown['test'];
  return isRecord(run) && typeof run['status'] === 'string' && Array.isArray(points);
}
