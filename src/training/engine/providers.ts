import { availableParallelism } from 'node:os';
import { type NativeLibrary, loadNativeLibrary } from './session';
import type { DeviceDescription, EngineOptions } from './types';

const MOST_THREADS = 8;

export interface ChosenProvider {
  readonly native: NativeLibrary | undefined;
  readonly device: DeviceDescription;
}

/** Tries the native library and says in plain words what this process trains on. */
export async function chooseProvider(
  options: EngineOptions,
  load: () => Promise<NativeLibrary> = loadNativeLibrary,
): Promise<ChosenProvider> {
  const threads = options.threads ?? Math.min(MOST_THREADS, availableParallelism());
  if (options.native === false)
    return plain('Plain JavaScript, as asked for: many times slower than the native library.');
  try {
    const native = await load();
    const text = `ONNX Runtime 1.30.0, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
    return { native, device: { provider: 'cpu', threads, text } };
  } catch (error) {
    return plain('Plain JavaScript: many times slower than the native library.', refusal(error));
  }
}

function plain(text: string, refused?: DeviceDescription['refused']): ChosenProvider {
  const device = { provider: 'javascript' as const, threads: 1, text };
  return { native: undefined, device: refused ? { ...device, refused } : device };
}

/** Why the library did not load, and what helps. */
export function refusal(error: unknown): { reason: string; remedy: string } {
  const message = error instanceof Error ? error.message : String(error);
  const machine = `${process.platform} ${process.arch}`;
  if (/Cannot find (module|package)|MODULE_NOT_FOUND|ENOENT/.test(message))
    return {
      reason: `ONNX Runtime's library for ${machine} is not installed.`,
      remedy: `Install the version of the extension for ${machine}, or run npm install in the clone on this machine.`,
    };
  if (/GLIBC|musl|ld-linux|invalid ELF|not a valid Win32/i.test(message))
    return {
      reason: `ONNX Runtime's library does not fit this system (${machine}): ${message}`,
      remedy: 'Use a system with a current C library (glibc 2.28 or newer), not Alpine.',
    };
  return {
    reason: `ONNX Runtime's library did not load: ${message}`,
    remedy: 'Reinstall the extension, and install the Microsoft Visual C++ runtime on Windows.',
  };
}
