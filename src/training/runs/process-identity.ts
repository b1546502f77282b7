import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * What tells a living process from a later one with the same id: start time, and the boot that it is counted from.
 * Undefined where there is no such process, or nothing can be learned about it. Compare for equality only.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  // kill(0) and kill(-1) reach whole groups: an id that was never one proves nothing.
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  try {
    switch (process.platform) {
      case 'linux': {
        const [stat, boot] = await Promise.all([
          readFile(`/proc/${pid}/stat`, 'utf8'),
          readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
        ]);
        // The name in parentheses may hold spaces; field 3 is the state and field 22 the start in clock ticks.
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return fields[0] === 'Z' ? undefined : `${boot.trim()}/${fields[19] ?? ''}`;
      }
      case 'win32': {
        const query = `(Get-Process -Id ${pid} -ErrorAction Stop).StartTime.ToFileTimeUtc()`;
        const { stdout } = await run('powershell.exe', ['-NoProfile', '-Command', query], {
          windowsHide: true,
        });
        return stdout.trim() || undefined;
      }
      default: {
        const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)], { env: { LC_ALL: 'C' } });
        return stdout.trim() || undefined;
      }
    }
  } catch {
    return undefined; // No such process: that is the answer.
  }
}
