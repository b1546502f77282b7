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
