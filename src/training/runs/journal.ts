import { LearnerError } from '../../protocol/errors';
import type { RunEvent } from '../../protocol/events';
import { errorCode, isFull, realFiles, writeDurably, writeFully } from './files';
import type { FileCalls } from './files';
import { encodeRecord } from './journal-format';
import { scanJournal } from './journal-reader';
import type { JournalDamage } from './journal-reader';

/** An appended event is on the disk after at most this long. */
const SYNC_AFTER_MS = 1000;
/** Events that wait in memory while the disk is full; more is given up with the run. */
const MAX_WAITING = 50_000;

export interface JournalOptions {
  readonly files?: FileCalls;
  readonly now?: () => number;
  /** Called once when the disk is full: events now wait in memory until there is room. */
  readonly onFull?: () => void;
  /** A flush in the background failed in a way that waiting cannot mend. The next `append` throws it. */
  readonly onLost?: (error: unknown) => void;
}

/** What was mended while opening. */
export interface JournalRepair {
  /** Copy of the whole file as it was found. */
  readonly copy: string;
  readonly bytesCut: number;
}

/**
 * The only writer of an events.jsonl. One descriptor in append mode, one buffer per record; a record that could not be
 * written whole is cut back, or the next one would be glued to it.
 */
export class Journal {
  readonly path: string;
  readonly repair: JournalRepair | undefined;
  /** Lines in the middle that cannot be read. They stay where they are. */
  readonly damage: readonly JournalDamage[];
  private readonly files: FileCalls;
  private readonly now: () => number;
  private readonly options: JournalOptions;
  private fd: number | undefined;
  private nextSeq: number;
  private goodLength: number;
  /** Records that are not in the file yet, oldest first. */
  private waiting: Buffer[] = [];
  private toldFull = false;
  private lost: unknown;
  private dirtySinceMs: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private syncing = false;

  constructor(path: string, options: JournalOptions = {}) {
    this.path = path;
    this.options = options;
    this.files = options.files ?? realFiles;
    this.now = options.now ?? Date.now;
    const opened = openRepaired(this.files, path);
    this.fd = opened.fd;
    this.repair = opened.repair;
    this.damage = opened.damage;
    this.nextSeq = opened.nextSeq;
    this.goodLength = opened.length;
  }

  /**
   * The event is in the file when this returns, except while the disk is full: then it waits in memory.
   * @throws LearnerError 'run-folder-lost' where the file can no longer be written
   */
  append(event: RunEvent): void {
    if (this.lost !== undefined) throw this.lostError();
    if (this.fd === undefined) throw new Error('The journal is closed.');
    this.waiting.push(encodeRecord({ seq: this.nextSeq++, timeMs: this.now(), event }));
    this.writeWaiting();
    this.scheduleSync();
  }

  /** Returns when everything appended is on the disk. Called at checkpoints and at the end. */
  flush(): void {
    if (this.lost !== undefined) throw this.lostError();
    if (this.fd === undefined) return;
    this.writeWaiting();
    this.guard(() => {
      this.files.fsyncSync(this.descriptor());
    });
    if (this.waiting.length === 0) this.dirtySinceMs = undefined;
  }

  get waitingForRoom(): number {
    return this.waiting.length;
  }

  close(): void {
    if (this.fd === undefined) return;
    if (this.timer) clearTimeout(this.timer);
    const fd = this.fd;
    try {
      if (this.lost === undefined) this.flush();
    } finally {
      this.fd = undefined;
      this.files.closeSync(fd);
    }
  }

  private writeWaiting(): void {
    while (this.waiting.length > 0) {
      const [record] = this.waiting as [Buffer];
      try {
        writeFully(this.files, this.descriptor(), record);
      } catch (error) {
        this.cutBack();
        if (!isFull(error) || this.waiting.length > MAX_WAITING) this.giveUp(error);
        if (!this.toldFull) {
          this.toldFull = true;
          this.options.onFull?.();
        }
        return;
      }
      this.goodLength += record.length;
      this.waiting.shift();
    }
    this.toldFull = false;
  }

  private cutBack(): void {
    try {
      this.files.ftruncateSync(this.descriptor(), this.goodLength);
    } catch (error) {
      this.giveUp(error);
    }
  }

  private scheduleSync(): void {
    const now = this.now();
    this.dirtySinceMs ??= now;
    // Timers do not fire while the training thread is busy for long; then the flush happens here.
    if (now - this.dirtySinceMs > 2 * SYNC_AFTER_MS) this.flush();
    if (this.timer || this.dirtySinceMs === undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.syncInBackground();
    }, SYNC_AFTER_MS);
    this.timer.unref();
  }

  private syncInBackground(): void {
    if (this.fd === undefined || this.syncing || this.lost !== undefined) return;
    try {
      this.writeWaiting();
      this.checkStillThere();
    } catch {
      return; // `giveUp` has kept the reason, and the next append throws it.
    }
    this.syncing = true;
    this.dirtySinceMs = undefined;
    this.files.fsync(this.fd, (error) => {
      this.syncing = false;
      if (error && this.fd !== undefined) {
        this.lost ??= error;
        this.options.onLost?.(error);
      }
    });
    if (this.waiting.length > 0) this.scheduleSync();
  }

  // Writing to a deleted or moved file succeeds, to nobody's use.
  private checkStillThere(): void {
    this.guard(() => {
      const here = this.files.statSync(this.path);
      const ours = this.files.fstatSync(this.descriptor());
      if (process.platform !== 'win32' && here.ino !== ours.ino) {
        throw Object.assign(new Error(`${this.path} was replaced`), { code: 'ESTALE' });
      }
    });
  }

  private guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.giveUp(error);
    }
  }

  private giveUp(error: unknown): never {
    this.lost ??= error;
    this.options.onLost?.(this.lost);
    throw this.lostError();
  }

  private descriptor(): number {
    if (this.fd === undefined) throw new Error('The journal is closed.');
    return this.fd;
  }

  private lostError(): LearnerError {
    const reason = this.lost instanceof Error ? this.lost.message : String(this.lost);
    return new LearnerError(
      {
        code: 'run-folder-lost',
        message: `What happens in this run can no longer be written to ${this.path}: ${reason}.`,
        remedy: 'Check that the folder still exists and can be written to, then resume the run.',
      },
      { cause: this.lost },
    );
  }
}

interface Opened {
  readonly fd: number;
  readonly nextSeq: number;
  readonly length: number;
  readonly repair: JournalRepair | undefined;
  readonly damage: readonly JournalDamage[];
}

function openRepaired(files: FileCalls, path: string): Opened {
  let bytes: Buffer;
  try {
    bytes = files.readFileSync(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    bytes = Buffer.alloc(0);
  }
  const scan = scanJournal(bytes);
  let repair: JournalRepair | undefined;
  if (scan.goodLength < bytes.length) {
    repair = { copy: freeName(files, `${path}.broken`), bytesCut: bytes.length - scan.goodLength };
    writeDurably(files, repair.copy, bytes);
  }
  const fd = files.openSync(path, 'a', 0o644);
  try {
    if (repair) {
      files.ftruncateSync(fd, scan.goodLength);
      files.fsyncSync(fd);
    }
  } catch (error) {
    files.closeSync(fd);
    throw error;
  }
  return { fd, nextSeq: scan.nextSeq, length: scan.goodLength, repair, damage: scan.damage };
}

function freeName(files: FileCalls, wanted: string): string {
  for (let n = 0; ; n++) {
    const name = n === 0 ? wanted : `${wanted}.${n}`;
    try {
      files.statSync(name);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return name;
      throw error;
    }
  }
}
