import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  RUN_FILES,
  type ControlFile,
  type ControlReply,
  type ControlRequest,
} from '../../protocol/run-files';
import { errorCode } from './files';
import { readControlFile } from './control-file';
import { processIdentity } from './process-identity';

/**
 * - `answering`: it replied with the right token.
 * - `notAnswering`: the process is there but busy, paused or stuck. Not dead: no second one may start.
 * - `gone`: no such process (a reused id counts as gone), or no process has claimed the directory.
 */
export type Liveness = 'answering' | 'notAnswering' | 'gone';

export async function livenessOf(directory: string, timeoutMs = 2000): Promise<Liveness> {
  const control = readControlFile(directory);
  if (!control) return 'gone';
  const reply = await ask(control, { token: control.token, type: 'ping' }, timeoutMs);
  if (reply?.type === 'pong') return 'answering';
  return (await isSameProcess(control)) ? 'notAnswering' : 'gone';
}

/** A process needs this long to claim its directory, on a slow disk with a cold cache. */
export const STARTING_MS = 15_000;

/** Nobody is at work on this run, and nobody is about to be. */
export async function isGone(directory: string): Promise<boolean> {
  if ((await livenessOf(directory)) !== 'gone') return false;
  return readControlFile(directory) !== undefined || !(await isStarting(directory));
}

/** Begun a moment ago: its process is on its way, and has neither claimed the directory nor said a word. */
async function isStarting(directory: string): Promise<boolean> {
  const { mtimeMs } = await stat(join(directory, RUN_FILES.run));
  const begun = await stat(join(directory, RUN_FILES.events)).then(
    () => true,
    () => false,
  );
  return !begun && Date.now() - mtimeMs <= STARTING_MS;
}

/** Until no process holds these directories any more: it lets go a moment after the last word in the journal. */
export async function untilGone(directories: readonly string[]): Promise<void> {
  for (const directory of directories) while ((await livenessOf(directory)) !== 'gone') await sleep(50);
}

/** `stopping`: it finishes the step in hand, saves, and ends. `notRunning`: there was nothing to stop. */
export type StopOutcome = 'stopping' | 'notRunning' | 'notAnswering';

/**
 * Asks a run to stop; returns when it has accepted. The end comes through the journal. A run whose process is still on its way
 * is waited for: whoever stops it at once means it.
 */
export async function stopRun(directory: string, timeoutMs = 5000): Promise<StopOutcome> {
  while (!readControlFile(directory) && (await isStarting(directory))) await sleep(50);
  const control = readControlFile(directory);
  if (!control) return 'notRunning';
  const reply = await ask(control, { token: control.token, type: 'stop' }, timeoutMs);
  if (reply?.type === 'accepted') return 'stopping';
  return (await isSameProcess(control)) ? 'notAnswering' : 'notRunning';
}

/**
 * Stops a run whatever it does: asks, waits, and then ends the process with its children. The journal then has no last
 * word, so the run shows as interrupted. Nothing is signalled that is not proven to be the process of this run.
 */
export async function terminateRun(
  directory: string,
  patienceMs = 10_000,
): Promise<'stopped' | 'killed' | 'notRunning'> {
  const control = readControlFile(directory);
  if (!control) return 'notRunning';
  const outcome = await stopRun(directory, Math.min(patienceMs, 5000));
  if (outcome === 'notRunning') return 'notRunning';
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    if (!(await isSameProcess(control)) || readControlFile(directory)?.token !== control.token)
      return 'stopped';
    await sleep(100);
  }
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!(await isSameProcess(control))) return 'killed';
    signalTree(control.pid, signal);
    for (let waited = 0; waited < 3000; waited += 100) {
      if (!(await isSameProcess(control))) return 'killed';
      await sleep(100);
    }
  }
  return 'killed';
}

async function isSameProcess(control: ControlFile): Promise<boolean> {
  const identity = await processIdentity(control.pid);
  return identity !== undefined && identity === control.identity;
}

/** A run process leads its own group, so its children go with it. */
function signalTree(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (process.platform === 'win32') {
    execFile('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true }, () => undefined);
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

async function ask(
  control: ControlFile,
  request: ControlRequest,
  timeoutMs: number,
): Promise<ControlReply | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection(control.socket);
    const finish = (reply: ControlReply | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reply);
    };
    const timer = setTimeout(() => finish(undefined), timeoutMs);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (!text.includes('\n')) return;
      try {
        finish(JSON.parse(text) as ControlReply);
      } catch {
        finish(undefined); // Somebody else listens there.
      }
    });
    socket.on('error', () => finish(undefined));
    socket.on('close', () => finish(undefined));
  });
}
