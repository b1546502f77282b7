/**
 * One file of a repository into the cache: goes on where an earlier attempt ended, also in another process, and is published
 * only when size and hash are right.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LearnerError } from '../../../protocol/errors';
import { exists } from './cache';
import { ConnectionLost, type HubClient, type HubResponse, type RequestOptions } from './client';
import { hubError, statusProblem } from './problems';
import type { HubFile } from './repository-info';
import { withLock } from './lock';

export interface TransferOptions extends RequestOptions {
  /** Bytes of this file that are here. */
  readonly onProgress?: (done: number) => void;
}

/** Own names beside Python's `ETAG.incomplete`: two programs that append to one file would spoil it. */
const partial = (blob: string): string => `${blob}.transfer-lab.incomplete`;
const partialTag = (blob: string): string => `${blob}.transfer-lab.etag`;

/** Bytes that an earlier attempt left. */
export async function bytesLeftBehind(blob: string): Promise<number> {
  return stat(partial(blob)).then(
    ({ size }) => size,
    () => 0,
  );
}

/** @param path of the request, without the endpoint */
export async function fetchFile(
  client: HubClient,
  path: string,
  file: HubFile,
  blob: string,
  options: TransferOptions,
): Promise<void> {
  await mkdir(dirname(blob), { recursive: true });
  const { signal } = options;
  const held = {
    ...(signal ? { signal } : {}),
    onWait: () => options.onWait?.(0, 'another process is downloading this file'),
  };
  await withLock(`${blob}.transfer-lab.lock`, () => fetchLocked(client, path, file, blob, options), held);
}

async function fetchLocked(
  client: HubClient,
  path: string,
  file: HubFile,
  blob: string,
  options: TransferOptions,
): Promise<void> {
  if (await exists(blob)) return options.onProgress?.(file.size);
  for (let attempt = 0; ; attempt++) {
    const resumed = (await bytesLeftBehind(blob)) > 0;
    await client.withRetries(options, () => receive(client, path, file, blob, options));
    const problem = await verify(file, blob);
    if (!problem) break;
    await discard(blob);
    // What an earlier attempt left may have been of something else; a whole new file that is wrong is the server's doing.
    if (!resumed || attempt > 0) throw problem;
  }
  await rename(partial(blob), blob);
  await rm(partialTag(blob), { force: true });
}

/** Appends what is missing. Returns when the file has its size. */
async function receive(
  client: HubClient,
  path: string,
  file: HubFile,
  blob: string,
  options: TransferOptions,
): Promise<void> {
  let offset = await bytesLeftBehind(blob);
  if (offset > file.size) {
    await discard(blob);
    offset = 0;
  }
  options.onProgress?.(offset);
  if (offset === file.size && offset > 0) return;
  const tag = await readFile(partialTag(blob), 'utf8').catch(() => undefined);
  const range: Record<string, string> =
    offset === 0 ? {} : { range: `bytes=${offset}-`, ...(tag ? { 'if-range': tag } : {}) };
  const response = await client.open(client.url(path), { ...options, headers: range });
  const start = await startOf(response, file, offset, client, path);
  if (start === 'again') {
    await discard(blob);
    throw new ConnectionLost('the server would not go on with what is here');
  }
  const strong = response.header('etag');
  if (strong !== undefined && !strong.startsWith('W/')) await writeFile(partialTag(blob), strong);
  else await rm(partialTag(blob), { force: true });
  const handle = await open(partial(blob), start === 0 ? 'w' : 'r+');
  try {
    await append(client, response, handle, start, file, options);
    await handle.sync();
  } catch (error) {
    throw await explained(error, blob);
  } finally {
    response.body.destroy();
    await handle.close();
  }
}

/** Where the body belongs in the file; 'again' where what is here must be thrown away first. */
async function startOf(
  response: HubResponse,
  file: HubFile,
  offset: number,
  client: HubClient,
  path: string,
): Promise<number | 'again'> {
  const { status } = response;
  const refuse = async (problem: Error): Promise<never> => {
    await response.body.dump({ limit: 65_536 }).catch(() => undefined);
    throw problem;
  };
  if (status === 416) {
    await response.body.dump({ limit: 65_536 }).catch(() => undefined);
    if (offset > 0) return 'again';
  }
  if (status !== 200 && status !== 206) {
    return refuse(statusProblem(status, path, client.settings, response.header('x-error-message')));
  }
  const encoding = response.header('content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    return refuse(
      hubError(
        'hub-answer',
        `${response.url.host} packed ${file.path} (${encoding}), although it was asked not to.`,
      ),
    );
  }
  if (status === 206) {
    const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.header('content-range') ?? '') ?? [];
    const fits = Number(first) === offset && (total === '*' || Number(total) === file.size);
    if (!fits) await response.body.dump({ limit: 65_536 }).catch(() => undefined);
    return fits ? offset : 'again';
  }
  const length = response.header('content-length');
  if (length !== undefined && Number(length) !== file.size) return refuse(await wrongContent(response, file));
  return 0;
}

async function append(
  client: HubClient,
  response: HubResponse,
  handle: FileHandle,
  start: number,
  file: HubFile,
  { signal, onProgress }: TransferOptions,
): Promise<void> {
  let position = start;
  for await (const chunk of client.chunks(response, signal)) {
    if (position + chunk.length > file.size) {
      await handle.truncate(0);
      throw hubError(
        'hub-wrong-size',
        `${response.url.host} sends more for ${file.path} than its ${file.size} bytes. What came was deleted.`,
      );
    }
    for (let written = 0; written < chunk.length;) {
      const { bytesWritten } = await handle.write(chunk, written, chunk.length - written, position + written);
      written += bytesWritten;
    }
    position += chunk.length;
    onProgress?.(position);
  }
  if (position < file.size)
    throw new ConnectionLost(`the connection ended after ${position} of ${file.size} bytes`);
}

/** Says what came instead of the file. */
async function wrongContent(response: HubResponse, file: HubFile): Promise<LearnerError> {
  const type = response.header('content-type') ?? '';
  let start = '';
  for await (const chunk of response.body) {
    start += Buffer.from(chunk as Uint8Array).toString('latin1');
    if (start.length > 1024) break;
  }
  const host = response.url.host;
  if (/^text\/html/.test(type) || /^\s*<(!doctype|html)/i.test(start)) {
    return hubError(
      'hub-login-page',
      `${host} answered with a web page instead of ${file.path}: probably this network wants a login.`,
      'Open a page in the browser and log in there; then try again.',
    );
  }
  if (start.startsWith('version https://git-lfs.github.com/spec/')) {
    return hubError(
      'hub-lfs-pointer',
      `${host} answered with a Git LFS pointer instead of ${file.path}: this mirror does not hold large files.`,
      'Use another mirror (HF_ENDPOINT), or none.',
    );
  }
  return hubError(
    'hub-wrong-size',
    `${host} sends another size for ${file.path} than the ${file.size} bytes that the repository lists.`,
  );
}

/** Undefined when size and hash are right. */
async function verify(file: HubFile, blob: string): Promise<LearnerError | undefined> {
  const isSha256 = file.etag.length === 64;
  const hash: Hash = createHash(isSha256 ? 'sha256' : 'sha1');
  // Git hashes a small header with the content.
  if (!isSha256) hash.update(`blob ${file.size}\0`);
  for await (const chunk of createReadStream(partial(blob))) hash.update(chunk as Uint8Array);
  const found = hash.digest('hex');
  if (found === file.etag) return undefined;
  return hubError(
    'hub-wrong-hash',
    `${file.path} arrived damaged: its ${isSha256 ? 'SHA-256' : 'SHA-1'} is ${found.slice(0, 12)}…, the repository lists ${file.etag.slice(0, 12)}…. It was deleted.`,
  );
}

async function discard(blob: string): Promise<void> {
  await rm(partial(blob), { force: true });
  await rm(partialTag(blob), { force: true });
}

async function explained(error: unknown, blob: string): Promise<unknown> {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  const kept = await bytesLeftBehind(blob);
  return new LearnerError(
    {
      code: 'disk-full',
      message: `The disk of ${dirname(blob)} is full; ${kept} bytes of the file are kept.`,
      remedy: 'Make room, or set HF_HOME to a folder on another disk; then try again: it goes on from there.',
    },
    { cause: error },
  );
}
