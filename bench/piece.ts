/** One piece of work that can be timed here and, where a Python with PyTorch is given, there. */
export interface Piece {
  readonly name: string;
  readonly summary: string;
  /** At most this many times PyTorch's wall time, by number of threads. */
  readonly target: Readonly<Record<number, number>>;
  /** Makes everything ready. @returns one unit of work, and what to tell about it */
  prepare(threads: number): Promise<Prepared>;
  /**
   * A Python program that does the same: for each line that it reads from standard input it runs as many units as the
   * line says and prints `{"wallMs": …, "cpuMs": …}` for one.
   */
  peerProgram(threads: number): string;
}

export interface Prepared {
  run(): void;
  readonly facts: Readonly<Record<string, number | string>>;
  dispose(): void;
}

export interface Timing {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Time of one unit: the mean of `count` in a row. */
export function time(run: () => void, count: number): Timing {
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < count; i++) run();
  const wallMs = (performance.now() - start) / count;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1000 / count };
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
