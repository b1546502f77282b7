import fs from 'node:fs';

/** The file system calls that run files are written with; tests pass one that fails at the n-th call. */
export type FileCalls = Pick<
  typeof fs,
  | 'openSync'
  | 'closeSync'
  | 'writeSync'
  | 'readSync'
  | 'fsyncSync'
  | 'fsync'
  | 'ftruncateSync'
  | 'fstatSync'
  | 'statSync'
  | 'mkdirSync'
  | 'renameSync'
  | 'rmSync'
  | 'readdirSync'
  | 'readFileSync'
  | 'copyFileSync'
>;

export const realFiles: FileCalls = fs;

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function isFull(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** Writes all of the buffer: `write` may take a part of it without an error, above all on a nearly full disk. */
export function writeFully(files: FileCalls, fd: number, buffer: Uint8Array): void {
  let offset = 0;
  while (offset < buffer.length) {
    let written: number;
    try {
      written = files.writeSync(fd, buffer, offset, buffer.length - offset);
    } catch (error) {
      if (errorCode(error) === 'EINTR' || errorCode(error) === 'EAGAIN') continue;
      throw error;
    }
    if (written === 0) throw Object.assign(new Error('ENOSPC: nothing was written'), { code: 'ENOSPC' });
    offset += written;
  }
}

/** A new file, whole and on the disk when this returns. */
export function writeDurably(files: FileCalls, path: string, content: Uint8Array, mode = 0o644): void {
  const fd = files.openSync(path, 'wx', mode);
  try {
    writeFully(files, fd, content);
    const { size } = files.fstatSync(fd);
    if (size !== content.length) throw new Error(`${path}: ${size} of ${content.length} bytes were written`);
    files.fsyncSync(fd);
  } finally {
    files.closeSync(fd);
  }
}

/** Makes a rename in this folder survive a power cut. Windows has no such call and needs none. */
export function syncFolder(files: FileCalls, directory: string): void {
  if (process.platform === 'win32') return;
  const fd = files.openSync(directory, 'r');
  try {
    files.fsyncSync(fd);
  } finally {
    files.closeSync(fd);
  }
}

/** Virus scanners and indexers hold fresh files for a moment on Windows; a rename is tried for up to 10 s. */
export function renamePatiently(files: FileCalls, from: string, to: string, sleep = sleepSync): void {
  let delayMs = 10;
  for (let waitedMs = 0; ; waitedMs += delayMs, delayMs = Math.min(delayMs * 2, 500)) {
    try {
      files.renameSync(from, to);
      return;
    } catch (error) {
      const busy = ['EPERM', 'EACCES', 'EBUSY'].includes(errorCode(error) ?? '');
      if (!busy || waitedMs >= 10_000) throw error;
      sleep(delayMs);
    }
  }
}

function sleepSync(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
