/**
 * `npm run -s bench -- NAME [--threads N] [--rounds N] [--json]`: times one piece of work, and the same work in PyTorch
 * where PEER_PYTHON names a Python that has it. The two alternate, so that a busy machine slows both.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startPeer } from './peer';
import { type Piece, type Timing, median, time } from './piece';
import { resnet18Step } from './resnet18-step';

/** A new piece of work is a file and a line here. */
const pieces: readonly Piece[] = [resnet18Step];

const STEPS_PER_ROUND = 3;
/** Thread pools go on spinning for a while; the other side shall not pay for that. */
const PAUSE_MS = 300;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      threads: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '7' },
      json: { type: 'boolean', default: false },
    },
  });
  const piece = pieces.find(({ name }) => name === positionals[0]);
  if (!piece) {
    console.error(`Name one of: ${pieces.map(({ name, summary }) => `\n  ${name}: ${summary}`).join('')}`);
    process.exitCode = 1;
    return;
  }
  const result = await measure(piece, Number(values.threads), Number(values.rounds));
  if (values.json) console.log(JSON.stringify(result));
  else for (const [key, value] of Object.entries(result)) console.log(`${key}: ${JSON.stringify(value)}`);
}

async function measure(piece: Piece, threads: number, rounds: number): Promise<Record<string, unknown>> {
  const own = await piece.prepare(threads);
  const python = process.env['PEER_PYTHON'];
  const peer = python === undefined ? undefined : startPeer(python, piece.peerProgram(threads));
  const ours: Timing[] = [];
  const theirs: Timing[] = [];
  time(() => own.run(), 2);
  await peer?.time(2);
  for (let round = 0; round < rounds; round++) {
    await sleep(PAUSE_MS);
    ours.push(time(() => own.run(), STEPS_PER_ROUND));
    await sleep(PAUSE_MS);
    if (peer) theirs.push(await peer.time(STEPS_PER_ROUND));
  }
  peer?.close();
  const here = medians(ours);
  const there = medians(theirs);
  const result = {
    name: piece.name,
    threads,
    transferLab: here,
    ...(peer
      ? {
          pytorch: there,
          wallRatio: round(here.wallMs / there.wallMs),
          cpuRatio: round(here.cpuMs / there.cpuMs),
          target: piece.target[threads],
        }
      : { pytorch: 'set PEER_PYTHON to a Python with PyTorch to compare' }),
    residentMB: Math.round(process.memoryUsage().rss / 2 ** 20),
    ...own.facts,
  };
  own.dispose();
  return result;
}

function medians(timings: readonly Timing[]): Timing {
  return {
    wallMs: round(median(timings.map(({ wallMs }) => wallMs))),
    cpuMs: round(median(timings.map(({ cpuMs }) => cpuMs))),
  };
}

function round(x: number): number {
  return Math.round(x * 100) / 100;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
