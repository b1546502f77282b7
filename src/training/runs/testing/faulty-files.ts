import { realFiles } from '../files';
import type { FileCalls } from '../files';

/** File calls of which the n-th (from 1) fails, or all from the n-th on. Closing and cleaning up always work. */
export function faultyFiles(
  n: number,
  code: string,
  lasting = false,
): FileCalls & { readonly state: { readonly calls: number; readonly failures: number } } {
  const state = { calls: 0, failures: 0 };
  const guard =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      state.calls++;
      if (state.calls === n || (lasting && state.calls > n)) {
        state.failures++;
        throw Object.assign(new Error(`${code}: made by the test`), { code });
      }
      return call(...args);
    };
  const files = {
    ...realFiles,
    openSync: guard(realFiles.openSync),
    writeSync: guard(realFiles.writeSync as (...args: unknown[]) => number),
    fsyncSync: guard(realFiles.fsyncSync),
    ftruncateSync: guard(realFiles.ftruncateSync),
    fstatSync: guard(realFiles.fstatSync as (...args: unknown[]) => unknown),
    mkdirSync: guard(realFiles.mkdirSync as (...args: unknown[]) => unknown),
    renameSync: guard(realFiles.renameSync),
  } as FileCalls;
  return { ...files, state };
}

/** Calls that write at most `bytes` at a time, as a nearly full disk does. */
export function partialWrites(bytes: number): FileCalls {
  const writeSync = (fd: number, buffer: Uint8Array, offset: number, length: number): number =>
    realFiles.writeSync(fd, buffer, offset, Math.min(length, bytes));
  return { ...realFiles, writeSync: writeSync as FileCalls['writeSync'] };
}
