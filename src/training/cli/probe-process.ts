import { spawn } from 'node:child_process';
import { LearnerError, type Problem } from '../../protocol/errors';
import type { ProbeResult } from '../estimate/probe';
import type { Found } from './experiment-at';

/** Longer than any few steps should take. */
const LONGEST_MS = 5 * 60_000;

/** Tries one batch size in a process of its own: `transfer-lab probe`. @throws {LearnerError} with what it says, or that it ended */
export async function probeProcess({ file, name, source }: Found, batchSize: number): Promise<ProbeResult> {
  const unsaved = source === undefined ? [] : ['--stdin'];
  const args = ['probe', file, '--experiment', name, '--batch-size', String(batchSize), '--json', ...unsaved];
  const child = spawn(process.execPath, [process.argv[1] ?? '', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    windowsHide: true,
    timeout: LONGEST_MS,
  });
  const leave = (): void => {
    child.kill();
    process.exit(1);
  };
  process.once('SIGTERM', leave);
  try {
    child.stdin.on('error', () => undefined); // It ended without reading; its answer says why.
    child.stdin.end(source ?? '');
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
    return answerOf(output, batchSize, child.signalCode);
  } finally {
    process.off('SIGTERM', leave);
  }
}

function answerOf(output: string, batchSize: number, signal: NodeJS.Signals | null): ProbeResult {
  const answer = parsed(output.trimEnd().split('\n').at(-1) ?? '');
  if (answer?.probe) return answer.probe;
  if (answer?.problem) throw new LearnerError(answer.problem);
  throw new LearnerError({
    code: 'probe-ended',
    message: `A few steps with batches of ${batchSize} ended without a result${signal === null ? '' : ` (${signal})`}. Perhaps they needed more memory or time than there is.`,
    remedy: 'Try a smaller batchSize or imageSize, or a smaller network.',
  });
}

function parsed(line: string): { probe?: ProbeResult; problem?: Problem } | undefined {
  try {
    return JSON.parse(line) as { probe?: ProbeResult; problem?: Problem };
  } catch {
    return undefined; // The caller says that there was no result.
  }
}
