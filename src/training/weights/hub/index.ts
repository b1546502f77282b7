/** Weights from a repository of the Hugging Face Hub: what would be downloaded, the download, and where the files are. */
import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { LearnerError } from '../../../protocol/errors';
import { downloadSize } from '../../../protocol/progress';
import {
  blobFile,
  exists,
  findSnapshot,
  pointTo,
  repositoryFolder,
  snapshotFolder,
  writeReference,
} from './cache';
import { HubClient, LIMITS, type Limits } from './client';
import { repositoryInfo, wantedFiles, type HubFile } from './repository-info';
import type { HubSettings, Repository } from './settings';
import { bytesLeftBehind, fetchFile } from './transfer';

export { parseRepository, hubSettings } from './settings';
export type { HubSettings, Repository } from './settings';

export interface HubOptions {
  readonly settings: HubSettings;
  readonly signal?: AbortSignal;
  /** Bytes here, of all. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly onWait?: (seconds: number, reason: string) => void;
  /** File names that are wanted besides weights and configuration, where the repository has them. */
  readonly also?: readonly string[];
  readonly limits?: Limits;
}

/** What a download would fetch, how large it is, and where it would go. Nothing of it has been fetched. */
export interface DownloadPlan {
  readonly repository: Repository;
  readonly commit: string;
  /** The repository's folder in the cache. */
  readonly destination: string;
  readonly files: readonly HubFile[];
  /** Bytes of all files. */
  readonly totalBytes: number;
  /** Bytes that are not here yet. */
  readonly bytes: number;
}

export interface Snapshot {
  readonly commit: string;
  readonly folder: string;
}

/** Room that a disk must have besides the files. */
const SPARE_BYTES = 64 * 1024 * 1024;

/** Asks the Hub for commit, sizes and hashes: a few kilobytes. @throws {LearnerError} also if nothing there can be used */
export async function planDownload(repository: Repository, options: HubOptions): Promise<DownloadPlan> {
  const client = connect(repository, options);
  try {
    return await plan(client, repository, options);
  } finally {
    await client.close();
  }
}

/** Fetches what a plan lists and is not here. What an attempt leaves, the next one goes on from. */
export async function download(
  { repository, commit, files, bytes, totalBytes, destination }: DownloadPlan,
  options: HubOptions,
): Promise<Snapshot> {
  const { cache } = options.settings;
  await checkRoom(cache, bytes, destination);
  const client = connect(repository, options);
  try {
    const folder = snapshotFolder(cache, repository, commit);
    let before = 0;
    // The weights last: a snapshot that has them is complete.
    const ordered = [...files].sort((a, b) => a.size - b.size);
    for (const file of ordered) {
      const blob = blobFile(cache, repository, file.etag);
      const path = `/${repository.id}/resolve/${commit}/${file.path}`;
      const start = before;
      await fetchFile(client, path, file, blob, {
        ...options,
        onProgress: (done) => options.onProgress?.(start + done, totalBytes),
      });
      await pointTo(blob, join(folder, file.path));
      before += file.size;
    }
    await writeReference(cache, repository, commit);
    return { commit, folder };
  } finally {
    await client.close();
  }
}

/**
 * The files of a repository: from the cache without any connection, else downloaded where that is allowed.
 * @throws {LearnerError} 'download-needed', saying how large it is, where it is not allowed
 */
export async function hubSnapshot(
  repository: Repository,
  options: HubOptions & { readonly allowed: boolean },
): Promise<Snapshot> {
  const found = await findSnapshot(options.settings.cache, repository);
  if (found) return found;
  const planned = await planDownload(repository, options);
  if (!options.allowed) throw downloadNeeded(planned, options.settings);
  return download(planned, options);
}

export function downloadNeeded(planned: DownloadPlan, { endpoint }: HubSettings): LearnerError {
  const { repository, commit, files, bytes, totalBytes, destination } = planned;
  const name = nameOf(repository);
  return new LearnerError({
    code: 'download-needed',
    message: `The weights of ${name} are not on this computer yet, and nothing was downloaded: ${downloadSize(bytes)} would go into ${destination}.`,
    remedy: `Start it again in the editor and choose Download; in a terminal add --download, or use "transfer-lab download ${name}". Later runs need no network.`,
    download: {
      repository: name,
      revision: repository.revision,
      commit,
      files: files.map(({ path }) => path),
      bytes,
      totalBytes,
      host: endpoint.host,
      destination,
    },
  });
}

export const nameOf = ({ id, revision }: Repository): string =>
  revision === 'main' ? id : `${id}@${revision}`;

function connect(repository: Repository, { settings, limits = LIMITS }: HubOptions): HubClient {
  if (!settings.offline) return new HubClient(settings, limits);
  throw new LearnerError({
    code: 'hub-offline',
    message: `The weights of ${nameOf(repository)} are not on this computer, and HF_HUB_OFFLINE forbids the network.`,
    remedy: "Unset HF_HUB_OFFLINE to download them, or use weights: 'embedded'.",
  });
}

async function plan(client: HubClient, repository: Repository, options: HubOptions): Promise<DownloadPlan> {
  const { cache } = options.settings;
  const info = await repositoryInfo(client, repository, options);
  const files = wantedFiles(repository, info, options.also ?? []);
  const missing = await Promise.all(
    files.map(async ({ etag, size }) => {
      const blob = blobFile(cache, repository, etag);
      return (await exists(blob)) ? 0 : Math.max(0, size - (await bytesLeftBehind(blob)));
    }),
  );
  return {
    repository,
    commit: info.commit,
    destination: repositoryFolder(cache, repository),
    files,
    totalBytes: files.reduce((sum, { size }) => sum + size, 0),
    bytes: missing.reduce((sum, size) => sum + size, 0),
  };
}

async function checkRoom(cache: string, bytes: number, destination: string): Promise<void> {
  await mkdir(cache, { recursive: true }).catch((error: unknown) => {
    throw new LearnerError(
      {
        code: 'hub-cache-unwritable',
        message: `${cache} cannot be made: ${error instanceof Error ? error.message : String(error)}.`,
        remedy: 'Set HF_HOME to a folder that you may write to.',
      },
      { cause: error },
    );
  });
  const { bavail, bsize } = await statfs(cache);
  if (bavail * bsize >= bytes + SPARE_BYTES) return;
  throw new LearnerError({
    code: 'disk-full',
    message: `${downloadSize(bytes)} are to be downloaded into ${destination}, but that disk has ${downloadSize(bavail * bsize)} left.`,
    remedy: 'Make room, or set HF_HOME to a folder on another disk.',
  });
}
