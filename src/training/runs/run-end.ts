import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalRecord } from '../../protocol/events';
import { RUN_FILES } from '../../protocol/run-files';
import { errorCode } from './files';
import { decodeLine } from './journal-format';

/** An end carries one evaluation: some kilobytes, however many classes there are. */
const TAIL_BYTES = 1 << 17;

/**
 * How a run ended, from the last bytes of its journal alone: a list of many runs needs no more.
 * @returns undefined where the last readable record is not an end: the run lives, was interrupted, or its tail is torn
 */
export async function readRunEnd(directory: string): Promise<JournalRecord | undefined> {
  let bytes: Buffer;
  try {
    const file = await open(join(directory, RUN_FILES.events), 'r');
    try {
      const { size } = await file.stat();
      const start = Math.max(0, size - TAIL_BYTES);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
      bytes = buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const lineEnd = bytes.length - 1;
  if (bytes[lineEnd] !== 10) return undefined;
  const decoded = decodeLine(bytes.subarray(bytes.lastIndexOf(10, lineEnd - 1) + 1, lineEnd));
  if (!decoded.ok) return undefined;
  const { type } = decoded.record.event;
  return type === 'done' || type === 'failed' ? decoded.record : undefined;
}
