import { median } from '../src/training/estimate/arithmetic';

export { median };

/** What the command line gives; a piece takes what it needs. */
export interface Options {
  readonly threads: number;
  readonly rounds: number;
  /** Of experiments: seeds 1 to this. */
  readonly seeds: number;
  readonly epochs?: number;
  /** An image folder in place of the embedded pictures. */
  readonly data?: string;
  /** Ids of strategies. */
  readonly only?: readonly string[];
  /** A learning rate in place of the strategy's own. */
  readonly rate?: number;
}

export type Result = Readonly<Record<string, unknown>>;

/** One piece of work that is measured: `npm run -s bench -- NAME`. */
export interface Piece {
  readonly name: string;
  readonly summary: string;
  measure(options: Options): Promise<Result>;
}

export interface Timing {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Time of one unit: the mean of `count` in a row. */
export function time(run: () => void, count: number): Timing {
  const since = stopwatch();
  for (let i = 0; i < count; i++) run();
  const { wallMs, cpuMs } = since();
  return { wallMs: wallMs / count, cpuMs: cpuMs / count };
}

/** Started when called; what it returns tells what has passed, of this process with all its threads. */
export function stopwatch(): () => Timing {
  const cpu = process.cpuUsage();
  const start = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { wallMs: performance.now() - start, cpuMs: (user + system) / 1000 };
  };
}

export function medians(timings: readonly Timing[]): Timing {
  return {
    wallMs: round(median(timings.map(({ wallMs }) => wallMs))),
    cpuMs: round(median(timings.map(({ cpuMs }) => cpuMs))),
  };
}

export function round(x: number, digits = 2): number {
  return Math.round(x * 10 ** digits) / 10 ** digits;
}
