import { setTimeout as sleep } from 'node:timers/promises';
import { peakMemory } from '../src/training/peak-memory';
import { type PeerTiming, startPeer } from './peer';
import { type Options, type Result, type Timing, medians, round, time } from './piece';

const STEPS_PER_ROUND = 3;
/** Thread pools go on spinning for a while; the other side shall not pay for that. */
const PAUSE_MS = 300;

/** A unit of work that is ready to run, and what to tell about it. */
export interface Prepared {
  run(): void;
  readonly facts: Result;
  dispose(): void;
}

/** The same work here and there. */
export interface Comparison {
  /** At most this many times PyTorch's wall time, by number of threads. */
  readonly target: Readonly<Record<number, number>>;
  /** Units that are timed together; 3 where it is not said. */
  readonly unitsPerRound?: number;
  prepare(threads: number): Promise<Prepared>;
  /**
   * A Python program that does the same: for each line that it reads from standard input it runs as many units as the
   * line says and prints `{"wallMs": …, "cpuMs": …, "peakMB": …}`: the times of one, and the most memory it has held (RSS).
   */
  peerProgram(threads: number): string;
}

/** Times both, alternating, so that a busy machine slows both. PEER_PYTHON names a Python that has PyTorch. */
export async function againstPyTorch(comparison: Comparison, { threads, rounds }: Options): Promise<Result> {
  const own = await comparison.prepare(threads);
  const python = process.env['PEER_PYTHON'];
  const peer = python === undefined ? undefined : startPeer(python, comparison.peerProgram(threads));
  const ours: Timing[] = [];
  const theirs: PeerTiming[] = [];
  const units = comparison.unitsPerRound ?? STEPS_PER_ROUND;
  time(() => own.run(), 2);
  await peer?.time(2);
  for (let done = 0; done < rounds; done++) {
    await sleep(PAUSE_MS);
    ours.push(time(() => own.run(), units));
    await sleep(PAUSE_MS);
    if (peer) theirs.push(await peer.time(units));
  }
  peer?.close();
  const peakMB = Math.round(peakMemory() / 2 ** 20);
  const here = medians(ours);
  const there = medians(theirs);
  const result = {
    threads,
    transferLab: here,
    ...(peer
      ? {
          pytorch: there,
          wallRatio: round(here.wallMs / there.wallMs),
          cpuRatio: round(here.cpuMs / there.cpuMs),
          target: comparison.target[threads],
          memoryRatio: round(peakMB / Math.max(...theirs.map((one) => one.peakMB))),
          pytorchPeakMB: Math.round(Math.max(...theirs.map((one) => one.peakMB))),
        }
      : { pytorch: 'set PEER_PYTHON to a Python with PyTorch to compare' }),
    residentMB: Math.round(process.memoryUsage().rss / 2 ** 20),
    peakMB,
    ...own.facts,
  };
  own.dispose();
  return result;
}
