import { isRecord } from '../shared/is-record';

/** Messages of the editor that this view understands (birpc); everything else is ignored. */
export function isDataMessage(data: unknown): boolean {
  if (!isRecord(data)) return false;
  if (data['t'] === 's') return typeof data['i'] === 'string';
  if (data['t'] !== 'q' || data['m'] !== 'show' || !Array.isArray(data['a'])) return false;
  const [content] = data['a'] as unknown[];
  if (!isRecord(content)) return false;
  if (content['kind'] === 'reading' || content['kind'] === 'problem') return true;
  const { look } = content;
  return (
    content['kind'] === 'look' && isRecord(look) && isRecord(look['report']) && Array.isArray(look['samples'])
  );
}
