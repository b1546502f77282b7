import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Timing } from './piece';

export interface PeerTiming extends Timing {
  /** The most memory that the process has held so far (RSS). */
  readonly peakMB: number;
}

/** A Python process that does the same work on request. */
export interface Peer {
  time(count: number): Promise<PeerTiming>;
  close(): void;
}

/** @throws if the program ends before it answers */
export function startPeer(python: string, program: string): Peer {
  const child: ChildProcessWithoutNullStreams = spawn(python, ['-c', program]);
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async time(count) {
      child.stdin.write(`${count}\n`);
      const line = await lines.next();
      if (line.done) throw new Error(`The Python program ended: ${complaints.trim()}`);
      return JSON.parse(line.value) as PeerTiming;
    },
    close: () => void child.stdin.end(),
  };
}

/**
 * A program that `startPeer` can run.
 * @param modules that it imports, beside PyTorch's: 'torch.nn as nn'
 * @param body defines `step()`, one unit of the work
 */
export function peerProgram(threads: number, modules: readonly string[], body: string): string {
  return `
import json, os, re, resource, sys, time, ${modules.join(', ')}
def peak_mb():
    # Linux counts the process that started this one in what getrusage says; its own peak stands here.
    if os.path.exists('/proc/self/status'):
        return int(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read()).group(1)) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
torch.set_num_threads(${threads})
${body.trim()}
for line in sys.stdin:
    n = int(line); cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(n): step()
    print(json.dumps({'wallMs': (time.perf_counter() - wall) * 1e3 / n, 'cpuMs': (time.process_time() - cpu) * 1e3 / n,
        'peakMB': peak_mb()}), flush=True)
`;
}
