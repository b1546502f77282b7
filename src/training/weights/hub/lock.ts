/**
 * One process downloads a file; others wait and find it there. A lock is a file that names its owner, and is broken only on
 * proof that the owner is dead: no process of that id, or another one that started later.
 */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { LearnerError } from '../../../protocol/errors';
import { processIdentity } from '../../runs/process-identity';

interface Owner {
  readonly pid: number;
  readonly identity: string;
  readonly host: string;
  readonly token: string;
}

const POLL_MS = 200;
/** A lock is written at once after it is made; one without content for so long was left by a crash. */
const EMPTY_MS = 10_000;

/**
 * Runs `work` while holding the lock.
 * @param onWait called once if another process holds it
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  { signal, onWait }: { readonly signal?: AbortSignal; readonly onWait?: () => void } = {},
): Promise<T> {
  const owner: Owner = {
    pid: process.pid,
    identity: (await processIdentity(process.pid)) ?? '',
    host: hostname(),
    token: randomUUID(),
  };
  for (let told = false; !(await acquire(file, owner));) {
    signal?.throwIfAborted();
    if (await isDead(file)) await breakLock(file);
    else {
      if (!told) onWait?.();
      told = true;
      await wait(POLL_MS, undefined, signal ? { signal } : {});
    }
  }
  try {
    return await work();
  } finally {
    if ((await readOwner(file))?.token === owner.token) await rm(file, { force: true });
  }
}

async function acquire(file: string, owner: Owner): Promise<boolean> {
  try {
    await writeFile(file, JSON.stringify(owner), { flag: 'wx' });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    throw new LearnerError(
      {
        code: 'hub-cache-unwritable',
        message: `${file} cannot be written (${code ?? String(error)}).`,
        remedy: 'Make the folder writable, or set HF_HOME to one that is.',
      },
      { cause: error },
    );
  }
}

async function isDead(file: string): Promise<boolean> {
  const owner = await readOwner(file);
  if (!owner) {
    const age = await stat(file).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    return age > EMPTY_MS;
  }
  // Of another computer's processes nothing is known here.
  if (owner.host !== hostname()) return false;
  return (await processIdentity(owner.pid)) !== owner.identity;
}

/** Takes the lock away under another name first: of several that see a dead owner, one succeeds. */
async function breakLock(file: string): Promise<void> {
  const taken = `${file}.${randomUUID()}`;
  try {
    await rename(file, taken);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  await rm(taken, { force: true });
}

async function readOwner(file: string): Promise<Owner | undefined> {
  try {
    const owner = JSON.parse(await readFile(file, 'utf8')) as Partial<Owner> | null;
    return typeof owner?.pid === 'number' && typeof owner.token === 'string' ? (owner as Owner) : undefined;
  } catch {
    return undefined; // being written, or gone: both are answers
  }
}
