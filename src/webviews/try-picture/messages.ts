import type { TryContent } from '../../protocol/try-picture';
import { isRecord } from '../shared/is-record';

/** Messages of the editor that this view understands (birpc); everything else is ignored. */
export function isTryMessage(data: unknown): boolean {
  if (!isRecord(data)) return false;
  if (data['t'] === 's') return typeof data['i'] === 'string';
  if (data['t'] !== 'q' || data['m'] !== 'show' || !Array.isArray(data['a'])) return false;
  return isContent((data['a'] as unknown[])[0]);
}

/** Also of what an earlier life of the view has kept. */
export function isContent(value: unknown): value is TryContent {
  if (!isRecord(value) || typeof value['directory'] !== 'string' || typeof value['title'] !== 'string')
    return false;
  const { result } = value;
  return (
    result === undefined ||
    (isRecord(result) && typeof result['name'] === 'string' && isPicture(result['picture']))
  );
}

function isPicture(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { address, classes, layer, layers, prepared } = value;
  return (
    typeof address === 'string' &&
    address.startsWith('data:image/png;base64,') &&
    Array.isArray(classes) &&
    classes.every((one) => isRecord(one) && typeof one['name'] === 'string' && Array.isArray(one['heat'])) &&
    isRecord(layer) &&
    Array.isArray(layers) &&
    Array.isArray(prepared)
  );
}
