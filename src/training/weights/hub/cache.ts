/**
 * The cache of Python's huggingface_hub, so that a model downloaded by either is there for both:
 * models--OWNER--NAME/blobs/ETAG holds contents, snapshots/COMMIT/FILE points to them, refs/REVISION names a commit.
 */
import { randomUUID } from 'node:crypto';
import { access, link, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { WEIGHTS_FILE } from './repository-info';
import type { Repository } from './settings';

const COMMIT = /^[0-9a-f]{40}$/;

export const repositoryFolder = (cache: string, { id }: Repository): string =>
  join(cache, `models--${id.replace('/', '--')}`);

export const blobFile = (cache: string, repository: Repository, etag: string): string =>
  join(repositoryFolder(cache, repository), 'blobs', etag);

export const snapshotFolder = (cache: string, repository: Repository, commit: string): string =>
  join(repositoryFolder(cache, repository), 'snapshots', commit);

/** The commit and folder of a revision whose weights are here already; no connection is needed to know. */
export async function findSnapshot(
  cache: string,
  repository: Repository,
): Promise<{ commit: string; folder: string } | undefined> {
  const commit = COMMIT.test(repository.revision)
    ? repository.revision
    : (await readText(referenceFile(cache, repository)))?.trim();
  if (commit === undefined || !COMMIT.test(commit)) return undefined;
  const folder = snapshotFolder(cache, repository, commit);
  return (await exists(join(folder, WEIGHTS_FILE))) ? { commit, folder } : undefined;
}

export async function writeReference(cache: string, repository: Repository, commit: string): Promise<void> {
  if (COMMIT.test(repository.revision)) return;
  const file = referenceFile(cache, repository);
  const temporary = `${file}.${randomUUID()}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(temporary, commit);
  await rename(temporary, file);
}

/** Lets a snapshot's file point to its content, as a link where the system has them. */
export async function pointTo(blob: string, pointer: string): Promise<void> {
  if (await exists(pointer)) return;
  const temporary = `${pointer}.${randomUUID()}`;
  await mkdir(dirname(pointer), { recursive: true });
  try {
    // Links may need a right that learners on Windows do not have; then the same content under a second name.
    await symlink(relative(dirname(pointer), blob), temporary).catch(() => link(blob, temporary));
    await rename(temporary, pointer);
  } catch (error) {
    await rm(temporary, { force: true });
    // A file system without any links: the content itself moves there, as Python's library does it.
    await rename(blob, pointer).catch(() => Promise.reject(error as Error));
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function referenceFile(cache: string, repository: Repository): string {
  return join(repositoryFolder(cache, repository), 'refs', ...repository.revision.split('/'));
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
