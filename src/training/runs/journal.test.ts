import fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { RunEvent } from '../../protocol/events';
import { realFiles } from './files';
import { Journal } from './journal';
import { JournalTail, scanJournal } from './journal-reader';
import { faultyFiles, partialWrites } from './testing/faulty-files';
import { temporaryFolder } from './testing/temporary-folder';

const log = (text: string): RunEvent => ({ type: 'log', text });
const texts = (path: string): string[] =>
  scanJournal(fs.readFileSync(path)).records.map(({ event }) =>
    event.type === 'log' ? event.text : event.type,
  );

function written(count: number): { path: string; bytes: Buffer; lineStarts: number[] } {
  const path = join(temporaryFolder(), 'events.jsonl');
  const journal = new Journal(path);
  for (let n = 0; n < count; n++) journal.append(log(`event ${n} – ü`));
  journal.close();
  const bytes = fs.readFileSync(path);
  const lineStarts = [0];
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lineStarts.push(at + 1);
  return { path, bytes, lineStarts };
}

describe('Journal', () => {
  it('gives back what was appended, also a loss that is no number', async () => {
    const path = join(temporaryFolder(), 'events.jsonl');
    const journal = new Journal(path);
    const step = {
      type: 'stepEnd',
      step: 1,
      epoch: 1,
      trainLoss: NaN,
      trainAccuracy: 0,
      learningRate: 1,
      gradientNorm: Infinity,
      stepMs: 1,
    } as const;
    journal.append(step);
    journal.append(log('line\nbreak \u0000 \ud800 <b>'));
    journal.close();
    const { records, damage } = await new JournalTail(path).read();
    expect(records.map(({ event }) => event)).toEqual([step, log('line\nbreak \u0000 \ud800 <b>')]);
    expect(records.map(({ seq }) => seq)).toEqual([0, 1]);
    expect(damage).toEqual([]);
  });

  it('repairs a cut at every byte of the last three records, keeps a copy, and appends right after', () => {
    const { path, bytes, lineStarts } = written(6);
    const from = lineStarts[3] ?? 0;
    for (let length = from; length <= bytes.length; length++) {
      fs.writeFileSync(path, bytes.subarray(0, length));
      const whole = lineStarts.filter((start) => start <= length).length - 1;
      const journal = new Journal(path);
      const torn = !lineStarts.includes(length);
      expect(journal.repair !== undefined, `cut at ${length}`).toBe(torn);
      if (journal.repair) {
        expect(fs.readFileSync(journal.repair.copy)).toEqual(bytes.subarray(0, length));
        fs.rmSync(journal.repair.copy);
      }
      journal.append(log('after'));
      journal.close();
      const scan = scanJournal(fs.readFileSync(path));
      expect(scan.damage).toEqual([]);
      expect(scan.records.map(({ seq }) => seq)).toEqual(Array.from({ length: whole + 1 }, (_, n) => n));
      expect(texts(path).at(-1)).toBe('after');
    }
  });

  it('names a flipped bit in the middle by its line, deletes nothing and goes on with the next number', () => {
    const { path, bytes, lineStarts } = written(20);
    const end = lineStarts[18] ?? 0;
    for (let n = 0; n < 200; n++) {
      const at = Math.floor((n * end) / 200);
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (n % 8));
      fs.writeFileSync(path, flipped);
      const line = lineStarts.filter((start) => start <= at).length;
      const journal = new Journal(path);
      expect(journal.repair).toBeUndefined();
      expect(journal.damage.map((damage) => damage.line)).toContain(line);
      journal.append(log('after'));
      journal.close();
      const after = fs.readFileSync(path);
      expect(after.subarray(0, flipped.length)).toEqual(flipped);
      const { records } = scanJournal(after);
      expect(records.at(-1)?.seq).toBe(20);
      // A flipped newline joins two lines into one that cannot be read.
      expect(records.length).toBeGreaterThanOrEqual(19);
    }
  });

  it('writes whole lines where the disk takes a few bytes at a time', () => {
    const path = join(temporaryFolder(), 'events.jsonl');
    const journal = new Journal(path, { files: partialWrites(7) });
    for (let n = 0; n < 10; n++) journal.append(log(`event ${n}`));
    journal.close();
    expect(texts(path)).toEqual(Array.from({ length: 10 }, (_, n) => `event ${n}`));
  });

  it('keeps events in memory while the disk is full, cuts half-written ones back, and says so once', () => {
    const path = join(temporaryFolder(), 'events.jsonl');
    let room = 200;
    const writeSync = (fd: number, buffer: Uint8Array, offset: number, length: number): number => {
      const taken = Math.min(room, length);
      if (taken === 0) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      room -= taken;
      return realFiles.writeSync(fd, buffer, offset, taken);
    };
    let told = 0;
    const files = { ...realFiles, writeSync: writeSync as typeof realFiles.writeSync };
    const journal = new Journal(path, { files, onFull: () => told++ });
    for (let n = 0; n < 10; n++) journal.append(log(`event ${n}`));
    expect(told).toBe(1);
    expect(fs.readFileSync(path).at(-1)).toBe(10);
    expect(journal.waitingForRoom).toBeGreaterThan(5);
    room = Infinity;
    journal.append(log('event 10'));
    journal.close();
    expect(texts(path)).toEqual(Array.from({ length: 11 }, (_, n) => `event ${n}`));
  });

  it.each(['EIO', 'EROFS', 'ENOSPC', 'EMFILE'])(
    'after %s at any call, every acknowledged event is in the file',
    (code) => {
      for (const lasting of [false, true]) {
        for (let n = 1; ; n++) {
          const path = join(temporaryFolder(), 'events.jsonl');
          const files = faultyFiles(n, code, lasting);
          const acknowledged: string[] = [];
          let waiting = 0;
          try {
            const journal = new Journal(path, { files });
            for (let event = 0; event < 4; event++) {
              journal.append(log(`event ${event}`));
              acknowledged.push(`event ${event}`);
            }
            waiting = journal.waitingForRoom;
            journal.close();
            waiting = 0;
          } catch (error) {
            expect(files.state.failures).toBeGreaterThan(0);
            expect(error).toBeInstanceOf(Error);
          }
          const kept = fs.existsSync(path) ? texts(path) : [];
          expect(kept.slice(0, acknowledged.length - waiting)).toEqual(
            acknowledged.slice(0, acknowledged.length - waiting),
          );
          if (files.state.failures === 0) break;
        }
      }
    },
  );

  it('gives up with a reason when its folder was deleted', async () => {
    const folder = temporaryFolder();
    const journal = new Journal(join(folder, 'events.jsonl'));
    journal.append(log('before'));
    fs.rmSync(folder, { recursive: true });
    // The check goes with the flush, a second after the first event.
    const after = (): void => journal.append(log('after'));
    await vi.waitFor(() => expect(after).toThrow(/can no longer be written/), { timeout: 60_000 });
    journal.close();
  });
});

describe('JournalTail', () => {
  it('gives every record once while the file grows byte by byte', async () => {
    const { bytes } = written(5);
    const path = join(temporaryFolder(), 'growing.jsonl');
    const tail = new JournalTail(path);
    const seen: number[] = [];
    expect((await tail.read()).records).toEqual([]);
    for (const byte of bytes) {
      fs.appendFileSync(path, Buffer.of(byte));
      seen.push(...(await tail.read()).records.map(({ seq }) => seq));
    }
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it('goes on without gap or double when a torn end is cut off and written anew', async () => {
    const { path, bytes } = written(5);
    fs.writeFileSync(path, bytes.subarray(0, bytes.length - 9));
    const tail = new JournalTail(path);
    const before = (await tail.read()).records.map(({ seq }) => seq);
    const journal = new Journal(path);
    journal.append(log('a much longer event than the one that was cut off before'));
    journal.close();
    const after = (await tail.read()).records.map(({ seq }) => seq);
    expect([...before, ...after]).toEqual([0, 1, 2, 3, 4]);
  });

  it('names damage once, with its line, when something readable follows', async () => {
    const { path, bytes, lineStarts } = written(5);
    bytes[(lineStarts[2] ?? 0) + 20] = 0;
    fs.writeFileSync(path, bytes);
    const tail = new JournalTail(path);
    const news = await tail.read();
    expect(news.damage.map(({ line }) => line)).toEqual([3]);
    expect(news.records.map(({ seq }) => seq)).toEqual([0, 1, 3, 4]);
    expect(await tail.read()).toEqual({ records: [], damage: [] });
  });
});
