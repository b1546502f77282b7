import fs from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { LearnerError } from '../../protocol/errors';
import { RUN_FILES } from '../../protocol/run-files';
import type { ControlFile } from '../../protocol/run-files';
import { errorCode, realFiles, writeDurably } from './files';

const schema = z.object({
  pid: z.int(),
  socket: z.string(),
  token: z.string(),
  startedAt: z.number(),
  identity: z.string().optional(),
});

/** Undefined where there is none, or where it cannot be read. */
export function readControlFile(directory: string): ControlFile | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(fs.readFileSync(join(directory, RUN_FILES.control), 'utf8')));
    return parsed.success ? (parsed.data as ControlFile) : undefined;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Claims a run directory for this process: control.json appears whole or not at all, and only one process gets it.
 * @param isGone whether the process that an existing control.json names is proven dead
 * @throws {LearnerError} 'run-already-running'
 */
export async function claimRunDirectory(
  directory: string,
  control: ControlFile,
  isGone: () => Promise<boolean>,
): Promise<void> {
  const path = join(directory, RUN_FILES.control);
  const temporary = `${path}.${control.token.slice(0, 8)}`;
  writeDurably(realFiles, temporary, Buffer.from(JSON.stringify(control)), 0o600);
  try {
    for (let attempt = 0; ; attempt++) {
      if (publish(temporary, path)) return;
      const before = readControlFile(directory);
      if (attempt >= 5 || !(await isGone())) throw alreadyRunning(directory, before?.pid);
      breakClaim(path, before?.token);
    }
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

export function releaseRunDirectory(directory: string, token: string): void {
  if (readControlFile(directory)?.token !== token) return;
  fs.rmSync(join(directory, RUN_FILES.control), { force: true });
}

function publish(temporary: string, path: string): boolean {
  try {
    fs.linkSync(temporary, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
  }
  // File systems without hard links (exFAT, some network folders).
  try {
    fs.copyFileSync(temporary, path, fs.constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Takes a dead process's claim away; if another process was quicker and this is its claim, it is put back. */
function breakClaim(path: string, token: string | undefined): void {
  const aside = `${path}.stale-${process.pid}`;
  try {
    fs.renameSync(path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  const taken = schema.safeParse(JSON.parse(fs.readFileSync(aside, 'utf8') || 'null'));
  if (taken.success && taken.data.token !== token) {
    publish(aside, path);
  } else if (taken.success && !taken.data.socket.startsWith('\\\\')) {
    fs.rmSync(taken.data.socket, { force: true });
  }
  fs.rmSync(aside, { force: true });
}

function alreadyRunning(directory: string, pid: number | undefined): LearnerError {
  return new LearnerError({
    code: 'run-already-running',
    message: `The run in ${directory} is already running${pid === undefined ? '' : ` (process ${pid})`}.`,
    remedy: 'Follow it in the Runs view, or stop it before you start it again.',
  });
}
