import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JournalRecord, RunEvent } from '../../protocol/events';
import {
  followRun,
  lastOutput,
  livenessOf,
  readRun,
  resumeRun,
  startComparison,
  startRun,
  stopRun,
  terminateRun,
} from '.';
import type { Launcher } from '.';
import { readControlFile } from './control-file';
import { scanJournal } from './journal-reader';
import { temporaryFolder } from './testing/temporary-folder';

/** For an answer; on a busy computer a process is not at once at work. */
const PATIENCE_MS = 120_000;
const built = join(import.meta.dirname, '../../../out/test-support/fake-main.cjs');
const launcher: Launcher = {
  node: { path: process.execPath, asElectron: false, version: process.version, origin: 'path' },
  mainScript: built,
  version: '0.0.0',
};

beforeAll(async () => {
  const entryPoints = [join(import.meta.dirname, 'testing/fake-main.ts')];
  await build({
    entryPoints,
    outfile: built,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['esbuild'],
  });
});

function experimentFile(text: string): string {
  const file = join(temporaryFolder(), 'experiment.ts');
  fs.writeFileSync(file, text);
  return file;
}

const start = (text: string, experiment = 'a') =>
  startRun({ file: experimentFile(text), experiment }, launcher);
/** None where the process was killed before it began its journal. */
const eventsOf = (directory: string): RunEvent[] => {
  const journal = join(directory, 'events.jsonl');
  return fs.existsSync(journal)
    ? scanJournal(fs.readFileSync(journal)).records.map(({ event }) => event)
    : [];
};
const ended = async (directory: string, resuming = false) =>
  followRun(directory, { onRecords: () => undefined }, { resuming }).ended;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}
/** Id 0 would mean the test's own group. */
function signal(directory: string, name: NodeJS.Signals): void {
  const pid = readControlFile(directory)?.pid;
  if (pid === undefined || pid <= 1) throw new Error(`${directory} names no process`);
  process.kill(pid, name);
}
const stepsSeen = (directory: string): number =>
  eventsOf(directory).filter(({ type }) => type === 'stepEnd').length;

describe('a run process', () => {
  it('trains to the end, is followed without gap or double, and leaves no claim and no socket', async () => {
    const { directory } = await start('export const a = { steps: 20 };');
    const seen: JournalRecord[] = [];
    const follower = followRun(directory, { onRecords: (records) => seen.push(...records) });
    await until(() => readControlFile(directory) !== undefined);
    const socket = readControlFile(directory)?.socket ?? '';
    expect(await follower.ended).toBe('over');
    expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => index));
    expect(seen.filter(({ event }) => event.type === 'stepEnd')).toHaveLength(20);
    expect((await readRun(directory)).state.status).toBe('finished');
    await until(() => readControlFile(directory) === undefined && !fs.existsSync(socket));
    expect(await livenessOf(directory)).toBe('gone');
  });

  it('stops within a step when asked, and says so', async () => {
    const { directory } = await start('export const a = { steps: 100000 };');
    await until(() => stepsSeen(directory) > 3);
    expect(await stopRun(directory, PATIENCE_MS)).toBe('stopping');
    expect(await ended(directory)).toBe('over');
    expect(
      eventsOf(directory)
        .slice(-2)
        .map(({ type }) => type),
    ).toEqual(['stopping', 'done']);
    expect((await readRun(directory)).state.status).toBe('stopped');
  });

  it('stops nicely on SIGTERM', async () => {
    const { directory } = await start('export const a = { steps: 100000 };');
    await until(() => stepsSeen(directory) > 3);
    signal(directory, 'SIGTERM');
    expect(await ended(directory)).toBe('over');
    expect(eventsOf(directory).at(-1)).toMatchObject({ type: 'done', reason: 'stopped' });
  });

  it.each([
    ['throw', 'out of a timer'],
    ['reject', 'nobody listens'],
    ['learnerError', 'Made up.'],
  ])('leaves the cause in the last event: %s', async (trouble, message) => {
    const { directory } = await start(`export const a = { trouble: '${trouble}' };`);
    expect(await ended(directory)).toBe('over');
    const last = eventsOf(directory).at(-1);
    expect(last?.type === 'failed' && last.problem.message).toContain(message);
  });

  it('fails at the line of a syntax error', async () => {
    const { directory } = await start('const fine = 1;\nexport const a = {;\n');
    await ended(directory);
    expect(eventsOf(directory).at(-1)).toMatchObject({
      type: 'failed',
      problem: { code: 'experiment-syntax', location: { line: 2 } },
    });
  });

  it('is shown as interrupted after a native abort, with what it printed', async () => {
    const { directory } = await start(`export const a = { trouble: 'abort' };`);
    expect(await ended(directory)).toBe('interrupted');
    expect(await lastOutput(directory)).toContain('ack 3');
  });

  it('caps what the experiment prints', async () => {
    const { directory } = await start(`export const a = { trouble: 'print', steps: 5 };`);
    expect(await ended(directory)).toBe('over');
    expect(fs.statSync(join(directory, 'output.log')).size).toBeLessThan(9e6);
    expect(await lastOutput(directory)).toContain('was printed; the rest is left out');
  });

  it('can be ended though the learner’s code loops forever, and is not taken for dead before', async () => {
    const { directory } = await start(`export const a = { trouble: 'loop' };`);
    await until(() => stepsSeen(directory) === 3);
    expect(await livenessOf(directory, 300)).toBe('notAnswering');
    expect(await terminateRun(directory, 300)).toBe('killed');
    expect(await livenessOf(directory)).toBe('gone');
    expect((await readRun(directory)).state.status).toBe('interrupted');
  });

  it('refuses a second process on its directory', async () => {
    const { directory } = await start('export const a = { steps: 100000 };');
    await until(() => stepsSeen(directory) > 0);
    await expect(resumeRun(directory, launcher)).rejects.toThrow('still running');
    const second = spawn(process.execPath, [built, directory], { stdio: ['ignore', 'ignore', 'pipe'] });
    const { code, stderr } = await outcome(second);
    expect(code).toBe(3);
    expect(stderr).toContain('already running');
    expect(eventsOf(directory).filter(({ type }) => type === 'runStarted')).toHaveLength(1);
    await stopRun(directory);
    await ended(directory);
  });

  it('lets one of many win that start at the same instant, also over a dead one’s claim', async () => {
    const { directory } = await start('export const a = { steps: 100000 };');
    await until(() => stepsSeen(directory) > 0);
    signal(directory, 'SIGKILL');
    await until(async () => (await livenessOf(directory)) === 'gone');
    const rivals = Array.from({ length: 6 }, () =>
      spawn(process.execPath, [built, '--resume', directory], { stdio: 'ignore' }),
    );
    let refused = 0;
    for (const rival of rivals) rival.on('exit', (code) => (refused += code === 3 ? 1 : 0));
    await until(() => refused === 5);
    expect(eventsOf(directory).filter(({ type }) => type === 'runStarted')).toHaveLength(2);
    expect(scanJournal(fs.readFileSync(join(directory, 'events.jsonl'))).damage).toEqual([]);
    await stopRun(directory);
    await ended(directory);
  });

  it('never signals a process that only has the same id', async () => {
    const { directory } = await start('export const a = { steps: 3 };');
    await ended(directory);
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await until(() => bystander.pid !== undefined);
    const control = {
      pid: bystander.pid,
      socket: '/nowhere',
      token: 'x',
      startedAt: 1,
      identity: 'another boot/1',
    };
    fs.writeFileSync(join(directory, 'control.json'), JSON.stringify(control));
    expect(await livenessOf(directory)).toBe('gone');
    expect(await terminateRun(directory, 100)).toBe('notRunning');
    expect(bystander.exitCode === null && bystander.signalCode === null).toBe(true);
    bystander.kill();
  });

  it('stops a run whose process has not even begun', async () => {
    const { directory } = await start('export const a = { steps: 100000, stepMs: 5 };');
    expect(readControlFile(directory)).toBeUndefined();
    expect(await stopRun(directory, PATIENCE_MS)).toBe('stopping');
    await ended(directory);
    expect(eventsOf(directory).at(-1)).toMatchObject({ type: 'done', reason: 'stopped' });
  });

  it('loses no acknowledged event over kill -9 at 12 instants, and resumes to the same numbers', async () => {
    const reference = await start('export const a = { steps: 40 };');
    await ended(reference.directory);
    const losses = (directory: string): Map<number, number> =>
      new Map(
        eventsOf(directory).flatMap((event) =>
          event.type === 'stepEnd' ? [[event.step, event.trainLoss]] : [],
        ),
      );
    for (let instant = 0; instant < 12; instant++) {
      const { directory } = await start('export const a = { steps: 40, stepMs: 15, lingers: true };');
      await until(() => readControlFile(directory) !== undefined);
      await sleep(instant * 23);
      signal(directory, 'SIGKILL');
      await until(async () => (await livenessOf(directory)) === 'gone');
      const acknowledged = [...(await lastOutput(directory)).matchAll(/ack (\d+)/g)].map((match) =>
        Number(match[1]),
      );
      const kept = losses(directory);
      for (const step of acknowledged) expect(kept.has(step)).toBe(true);
      expect((await readRun(directory)).state.status).toBe('interrupted');
      await resumeRun(directory, launcher);
      expect(await ended(directory, true)).toBe('over');
      expect(losses(directory)).toEqual(losses(reference.directory));
      const { state, damage } = await readRun(directory);
      expect(damage).toEqual([]);
      expect(state.steps.map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
    }
  });

  it('is interrupted, and resumes from the start, where it was killed before it began its journal', async () => {
    const { directory } = await start('export const a = { steps: 5 };');
    await ended(directory);
    await until(() => readControlFile(directory) === undefined);
    const claim = {
      pid: process.pid,
      socket: '/nowhere',
      token: 'x',
      startedAt: 1,
      identity: 'another boot/1',
    };
    fs.writeFileSync(join(directory, 'control.json'), JSON.stringify(claim));
    fs.rmSync(join(directory, 'events.jsonl'));
    fs.rmSync(join(directory, 'checkpoints'), { recursive: true, force: true });
    expect((await readRun(directory)).state.status).toBe('interrupted');
    await resumeRun(directory, launcher);
    expect(await ended(directory, true)).toBe('over');
    expect((await readRun(directory)).state.steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
  });

  it('runs a comparison one after the other; a stop skips only the run that it was asked of', async () => {
    const file = experimentFile('export const a = { steps: 10 };');
    const { runs } = await startComparison({ file, experiment: 'a' }, ['one', 'two', 'three'], launcher);
    const [, second, third] = runs;
    await until(async () => (await stopRun(second?.directory ?? '')) === 'stopping');
    expect(await ended(third?.directory ?? '')).toBe('over');
    const states = await Promise.all(runs.map(async ({ directory }) => (await readRun(directory)).state));
    expect(states.map(({ status }) => status)).toEqual(['finished', 'stopped', 'finished']);
  });
});

async function outcome(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })));
}
