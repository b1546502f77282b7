import { dirname, join, posix, win32 } from 'node:path';
import type { JournalRecord, RunEvent } from '../../protocol/events';

/** A learner's folder was moved, copied or carried to another computer after its run. */
export interface Move {
  /** The folder of the learner's file when the run was made, as that computer wrote it. */
  readonly from: string;
  /** Where it is now. */
  readonly to: string;
}

/** Paths are read as the computer wrote them that made the run. */
const pathsOf = (file: string): typeof posix => (/^[A-Za-z]:\\|^\\\\/.test(file) ? win32 : posix);

export const nameOf = (file: string): string => pathsOf(file).basename(file);

/** @param before path of the learner's file as run.json has it @param now where that file is */
export function moveOf(before: string, now: string): Move | undefined {
  if (before === now) return undefined;
  return { from: pathsOf(before).dirname(before), to: dirname(now) };
}

/** Events that name files. */
const NAMING: ReadonlySet<RunEvent['type']> = new Set([
  'prepared',
  'predictions',
  'checkpoint',
  'warning',
  'failed',
]);

/** The record with every path below the old folder as it is below the new one; other text stays as it is. */
export function followMove(record: JournalRecord, { from, to }: Move): JournalRecord {
  return NAMING.has(record.event.type) ? { ...record, event: moved(record.event) } : record;

  function moved<Value>(value: Value): Value {
    if (typeof value === 'string') return place(value) as Value;
    if (Array.isArray(value)) return value.map(moved) as Value;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, moved(one)])) as Value;
  }

  function place(text: string): string {
    const rest = text.startsWith(from) ? text.slice(from.length) : '';
    return /^[\\/]/.test(rest) ? join(to, ...rest.split(pathsOf(from) === win32 ? /[\\/]/ : '/')) : text;
  }
}
