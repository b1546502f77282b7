import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { JournalRecord } from '../../protocol/events';
import { errorCode } from './files';
import { decodeLine } from './journal-format';
import { followMove } from './moved-run';
import type { Move } from './moved-run';

/** A line that cannot be read, with readable ones after it. Nothing is deleted because of it. */
export interface JournalDamage {
  /** From 1. */
  readonly line: number;
  /** Of the line's first byte. */
  readonly offset: number;
  readonly reason: string;
}

export interface JournalScan {
  readonly records: readonly JournalRecord[];
  readonly damage: readonly JournalDamage[];
  /** Up to the end of the last readable record; what lies behind it is a torn tail. */
  readonly goodLength: number;
  readonly nextSeq: number;
}

export function scanJournal(bytes: Buffer): JournalScan {
  const decoder = new JournalDecoder();
  const { records, damage } = decoder.push(bytes);
  return { records, damage, goodLength: decoder.goodLength, nextSeq: decoder.nextSeq };
}

/**
 * Turns bytes into records as they arrive. Lines that cannot be read are held back until a readable one follows (then
 * they are damage) or the end comes (then they are a torn tail).
 */
export class JournalDecoder {
  goodLength = 0;
  nextSeq = 0;
  private pending: Buffer = Buffer.alloc(0);
  private offset = 0;
  private line = 1;
  private suspects: JournalDamage[] = [];

  push(chunk: Buffer): { records: JournalRecord[]; damage: JournalDamage[] } {
    const bytes = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    const records: JournalRecord[] = [];
    const damage: JournalDamage[] = [];
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      const decoded = decodeLine(bytes.subarray(start, end));
      const at = { line: this.line, offset: this.offset };
      this.line++;
      this.offset += end + 1 - start;
      start = end + 1;
      if (!decoded.ok) {
        this.suspects.push({ ...at, reason: decoded.reason });
        continue;
      }
      const { record } = decoded;
      damage.push(...this.suspects);
      const explained = this.suspects.length > 0;
      this.suspects = [];
      this.goodLength = this.offset;
      if (record.seq < this.nextSeq) {
        damage.push({ ...at, reason: `it repeats record ${record.seq}` });
        continue;
      }
      if (record.seq > this.nextSeq && !explained) {
        damage.push({ ...at, reason: `records ${this.nextSeq} to ${record.seq - 1} are missing before it` });
      }
      this.nextSeq = record.seq + 1;
      records.push(record);
    }
    this.pending = Buffer.from(bytes.subarray(start));
    return { records, damage };
  }

  /** Bytes that the next `push` continues after. */
  get consumed(): number {
    return this.offset + this.pending.length;
  }

  /** Forgets what was read behind the last readable record: the writer cuts that off before it goes on. */
  rewindToGood(): void {
    this.line -= this.suspects.length;
    this.suspects = [];
    this.pending = Buffer.alloc(0);
    this.offset = this.goodLength;
  }
}

/** Some milliseconds of work: whoever follows a long journal stays awake in between. */
const CHUNK_BYTES = 1 << 16;

export interface JournalNews {
  readonly records: readonly JournalRecord[];
  readonly damage: readonly JournalDamage[];
}

/** Reads what was appended since the last call: every record once, in order, also while the file grows or is repaired. */
export class JournalTail {
  private readonly decoder = new JournalDecoder();

  /** @param move where its files have gone, if the run's folder was moved */
  constructor(
    private readonly path: string,
    private readonly move?: Move,
  ) {}

  async read(): Promise<JournalNews> {
    const records: JournalRecord[] = [];
    const damage: JournalDamage[] = [];
    for await (const news of this.chunks()) {
      records.push(...news.records);
      damage.push(...news.damage);
    }
    return { records, damage };
  }

  /** The same in pieces, each in a turn of the event loop of its own. */
  async *chunks(): AsyncGenerator<JournalNews> {
    let file: FileHandle;
    try {
      file = await open(this.path, 'r');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return;
      throw error;
    }
    try {
      // A torn end may have been cut off and written anew, so whatever was not a whole record is read again.
      this.decoder.rewindToGood();
      const buffer = Buffer.alloc(CHUNK_BYTES);
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, this.decoder.consumed);
        if (bytesRead === 0) break;
        const { records, damage } = this.decoder.push(buffer.subarray(0, bytesRead));
        const { move } = this;
        yield { records: move ? records.map((record) => followMove(record, move)) : records, damage };
      }
    } finally {
      await file.close();
    }
  }
}
