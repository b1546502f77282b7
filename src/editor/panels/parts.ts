import type { JournalRecord, Prediction } from '../../protocol/events';
import type { RunUpdate, TimedEvent } from '../../protocol/webview';

/** Characters of JSON in a message, apart from its frame. */
export const MAX_LENGTH = 60_000;
/** Predictions in one event: paths are long. */
const MAX_PREDICTIONS = 100;

/** Events as the view needs them; what it does not draw stays here. */
export function viewEvents(records: readonly JournalRecord[]): TimedEvent[] {
  return records
    .filter(({ event }) => event.type !== 'log' && event.type !== 'checkpoint')
    .flatMap(({ event, timeMs }) => {
      if (event.type !== 'predictions' || event.items.length <= MAX_PREDICTIONS) return [{ event, timeMs }];
      return slices(event.items).map((items) => ({ event: { ...event, items }, timeMs }));
    });
}

/** The same for a run from its beginning: of the predictions, only the last are drawn. */
export function historyEvents(records: readonly JournalRecord[]): TimedEvent[] {
  const last = records.findLast(({ event }) => event.type === 'predictions');
  return viewEvents(records.filter((record) => record.event.type !== 'predictions' || record === last));
}

/** Updates cut into messages of at most `MAX_LENGTH`; an event that is longer alone has a message of its own. */
export function messagesOf(updates: readonly RunUpdate[], maxLength = MAX_LENGTH): RunUpdate[][] {
  const messages: RunUpdate[][] = [];
  let message: RunUpdate[] = [];
  let length = 0;
  const close = (): void => {
    if (message.length > 0) messages.push(message);
    message = [];
    length = 0;
  };
  for (const { runId, events, interrupted } of updates) {
    let own: TimedEvent[] = [];
    const add = (end: Pick<RunUpdate, 'interrupted'> = {}): void => {
      if (own.length > 0 || end.interrupted) message.push({ runId, events: own, ...end });
      own = [];
    };
    for (const event of events) {
      const more = JSON.stringify(event).length;
      if (length > 0 && length + more > maxLength) {
        add();
        close();
      }
      own.push(event);
      length += more;
    }
    add(interrupted ? { interrupted } : {});
  }
  close();
  return messages;
}

function slices(items: readonly Prediction[]): Prediction[][] {
  return Array.from({ length: Math.ceil(items.length / MAX_PREDICTIONS) }, (_, index) =>
    items.slice(index * MAX_PREDICTIONS, (index + 1) * MAX_PREDICTIONS),
  );
}
