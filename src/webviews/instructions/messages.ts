import { isRecord } from '../shared/is-record';

/** Messages of the editor that this view understands (birpc); everything else is ignored. */
export function isViewMessage(data: unknown): boolean {
  if (!isRecord(data)) return false;
  const args = data['a'];
  if (data['t'] !== 'q' || !Array.isArray(args)) return false;
  const [first] = args as unknown[];
  switch (data['m']) {
    case 'document':
      return isRecord(first) && typeof first['folder'] === 'string' && Array.isArray(first['blocks']);
    case 'status':
      return isRecord(first) && Array.isArray(first['tasks']) && Array.isArray(first['findings']);
    case 'missing':
      return typeof first === 'string';
    default:
      return false;
  }
}
