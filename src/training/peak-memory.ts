import { readFileSync } from 'node:fs';

/** Bytes of this process at its largest. */
export function peakMemory(): number {
  // Linux counts the process that started this one, too, in what getrusage says; its own peak stands here.
  if (process.platform === 'linux') {
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  }
  return process.resourceUsage().maxRSS * 1024;
}
