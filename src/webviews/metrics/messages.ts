import { isRecord } from '../shared/is-record';

/** Messages of the editor that this view understands (birpc); everything else is ignored. */
export function isViewMessage(data: unknown): boolean {
  if (!isRecord(data)) return false;
  if (data['t'] === 's') return typeof data['i'] === 'string';
  const args = data['a'];
  if (data['t'] !== 'q' || !Array.isArray(args)) return false;
  const [first, second, third] = args as unknown[];
  switch (data['m']) {
    case 'history':
      return isList(first, isHistory) && typeof second === 'string' && typeof third === 'number';
    case 'append':
      return isList(first, isUpdate);
    case 'candidates':
      return isList(
        first,
        (one) =>
          typeof one['runId'] === 'string' &&
          typeof one['title'] === 'string' &&
          typeof one['shown'] === 'boolean',
      );
    default:
      return false;
  }
}

type Fields = Record<string, unknown>;

function isHistory(value: Fields): boolean {
  return (
    isRecord(value['run']) &&
    typeof value['run']['runId'] === 'string' &&
    typeof value['title'] === 'string' &&
    isList(value['events'], isTimedEvent)
  );
}

function isUpdate(value: Fields): boolean {
  return typeof value['runId'] === 'string' && isList(value['events'], isTimedEvent);
}

function isTimedEvent(value: Fields): boolean {
  return isRecord(value['event']) && typeof value['event']['type'] === 'string';
}

function isList(value: unknown, check: (item: Fields) => boolean): boolean {
  return Array.isArray(value) && value.every((item: unknown) => isRecord(item) && check(item));
}
