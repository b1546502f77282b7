import fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TrainingSnapshot } from '../run-context';
import { dropOldCheckpoints, readNewestCheckpoint, writeCheckpoint } from './checkpoint';
import { renamePatiently, realFiles } from './files';
import { faultyFiles, partialWrites } from './testing/faulty-files';
import { temporaryFolder } from './testing/temporary-folder';

const snapshot = (step: number): TrainingSnapshot => ({
  step,
  tensors: {
    'fc.weight': {
      shape: [2, 3],
      dtype: 'float32',
      data: Float32Array.from([step, NaN, -0, 1e-45, Infinity, 3]),
    },
    count: { shape: [], dtype: 'int32', data: Int32Array.of(-step) },
    mask: { shape: [3], dtype: 'bool', data: Uint8Array.of(1, 0, 1) },
  },
  meta: { epoch: 2, best: null },
});

describe('checkpoints', () => {
  it('come back bit for bit', () => {
    const folder = join(temporaryFolder(), 'checkpoints');
    writeCheckpoint(folder, snapshot(7), partialWrites(100));
    expect(readNewestCheckpoint(folder).snapshot).toEqual(snapshot(7));
  });

  it('keep the newest two and remove what crashes left', () => {
    const folder = join(temporaryFolder(), 'checkpoints');
    for (const step of [1, 2, 3]) writeCheckpoint(folder, snapshot(step));
    fs.mkdirSync(join(folder, 'ckpt-000000009.tmp-0123abcd'));
    dropOldCheckpoints(folder);
    expect(fs.readdirSync(folder)).toEqual(['ckpt-000000002', 'ckpt-000000003']);
  });

  it('fall back to the older one when a bit of the newest is flipped, a file is cut or gone, and say so', () => {
    const folder = join(temporaryFolder(), 'checkpoints');
    writeCheckpoint(folder, snapshot(1));
    const newest = writeCheckpoint(folder, snapshot(2));
    for (const name of fs.readdirSync(newest)) {
      const path = join(newest, name);
      const good = fs.readFileSync(path);
      for (let at = 0; at < good.length; at += 5) {
        const flipped = Buffer.from(good);
        flipped[at] = (flipped[at] ?? 0) ^ 1;
        fs.writeFileSync(path, flipped);
        const found = readNewestCheckpoint(folder);
        expect(found.snapshot?.step, `${name} at ${at}`).toBe(1);
        expect(found.refused).toHaveLength(1);
      }
      for (const length of [0, 1, good.length - 1]) {
        fs.writeFileSync(path, good.subarray(0, length));
        expect(readNewestCheckpoint(folder).snapshot?.step).toBe(1);
      }
      fs.rmSync(path);
      expect(readNewestCheckpoint(folder).snapshot?.step).toBe(1);
      fs.writeFileSync(path, good);
    }
    expect(readNewestCheckpoint(folder).snapshot?.step).toBe(2);
  });

  it.each(['ENOSPC', 'EIO', 'EROFS'])(
    'after %s at any call, the old one is untouched or the new one whole',
    (code) => {
      for (const lasting of [false, true]) {
        for (let n = 1; ; n++) {
          const folder = join(temporaryFolder(), 'checkpoints');
          writeCheckpoint(folder, snapshot(1));
          const files = faultyFiles(n, code, lasting);
          let published = false;
          try {
            writeCheckpoint(folder, snapshot(2), files);
            published = true;
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
          const found = readNewestCheckpoint(folder);
          expect(found.refused).toEqual([]);
          expect(found.snapshot).toEqual(snapshot(published ? 2 : (found.snapshot?.step ?? 0)));
          if (files.state.failures === 0) break;
        }
      }
    },
  );

  it('renames again while a scanner holds the file, and reports when it never lets go', () => {
    const folder = temporaryFolder();
    const from = join(folder, 'a');
    for (const [failures, works] of [
      [1, true],
      [20, true],
      [Infinity, false],
    ] as const) {
      fs.writeFileSync(from, 'x');
      let left: number = failures;
      const renameSync = (a: fs.PathLike, b: fs.PathLike): void => {
        if (left-- > 0) throw Object.assign(new Error('EBUSY'), { code: 'EBUSY' });
        fs.renameSync(a, b);
      };
      const attempt = (): void =>
        renamePatiently({ ...realFiles, renameSync }, from, join(folder, 'b'), () => undefined);
      if (works) attempt();
      else expect(attempt).toThrow('EBUSY');
    }
  });
});
