import { crc32 } from 'node:zlib';
import type { JournalRecord, RunEvent } from '../../protocol/events';

/** `,"crc32":"0123abcd"}`: what ends every line, in front of the newline. */
const CHECKSUM = /,"crc32":"([0-9a-f]{8})"\}$/;
const CHECKSUM_LENGTH = ',"crc32":"00000000"}'.length;

/** One line of events.jsonl with its newline. The checksum is of the line without that field and without the newline. */
export function encodeRecord(record: JournalRecord): Buffer {
  const body = JSON.stringify({ seq: record.seq, timeMs: record.timeMs, event: record.event }, keepNonFinite);
  return Buffer.from(`${body.slice(0, -1)},"crc32":"${checksum(body)}"}\n`, 'utf8');
}

export type DecodedLine =
  { readonly ok: true; readonly record: JournalRecord } | { readonly ok: false; readonly reason: string };

/** @param line without its newline */
export function decodeLine(line: Buffer): DecodedLine {
  const text = line.toString('utf8');
  const found = CHECKSUM.exec(text);
  if (!found) return { ok: false, reason: 'it does not end in a checksum' };
  const body = `${text.slice(0, text.length - CHECKSUM_LENGTH)}}`;
  if (checksum(body) !== found[1]) return { ok: false, reason: 'its checksum does not fit its content' };
  try {
    const value = JSON.parse(body, reviveNonFinite) as Partial<JournalRecord>;
    if (typeof value.seq !== 'number' || typeof value.timeMs !== 'number' || !isEvent(value.event)) {
      return { ok: false, reason: 'it is not a record of a run' };
    }
    return { ok: true, record: { seq: value.seq, timeMs: value.timeMs, event: value.event } };
  } catch {
    return { ok: false, reason: 'it is not JSON' };
  }
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}

function isEvent(value: unknown): value is RunEvent {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

// JSON has no NaN and no infinities, and a loss that left the numbers is exactly what a learner must see.
function keepNonFinite(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? { $number: String(value) } : value;
}

function reviveNonFinite(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$number' in value)) return value;
  return Object.keys(value).length === 1 ? Number(value.$number) : value;
}
