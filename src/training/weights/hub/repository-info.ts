import * as z from 'zod';
import { LearnerError } from '../../../protocol/errors';
import type { HubClient, RequestOptions } from './client';
import { hubError } from './problems';
import type { Repository } from './settings';

/** A file of a repository at one commit. */
export interface HubFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Names the content, and the file in the cache: its sha256 where Git LFS keeps it, else Git's own sha1 of it. */
  readonly etag: string;
}

export interface RepositoryInfo {
  readonly commit: string;
  readonly files: readonly HubFile[];
}

const hex = (length: number) => z.string().regex(new RegExp(`^[0-9a-f]{${length}}$`));
const infoSchema = z.object({
  sha: hex(40),
  siblings: z.array(
    z.object({
      rfilename: z.string(),
      size: z.int().nonnegative().optional(),
      blobId: hex(40).optional(),
      lfs: z.object({ sha256: hex(64), size: z.int().nonnegative() }).nullish(),
    }),
  ),
});

/** One request tells commit, files, sizes and hashes. Names that would leave their folder are left out. */
export async function repositoryInfo(
  client: HubClient,
  { id, revision }: Repository,
  options: RequestOptions,
): Promise<RepositoryInfo> {
  const path = `/api/models/${id}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const parsed = infoSchema.safeParse(await client.json(path, options));
  if (!parsed.success) {
    const { host } = client.settings.endpoint;
    throw hubError('hub-answer', `${host} describes ${id} in a form that is not understood.`);
  }
  const files = parsed.data.siblings.flatMap(({ rfilename, size, blobId, lfs }): HubFile[] => {
    if (!isPlainName(rfilename)) return [];
    if (lfs) return [{ path: rfilename, size: lfs.size, etag: lfs.sha256 }];
    return size === undefined || blobId === undefined ? [] : [{ path: rfilename, size, etag: blobId }];
  });
  return { commit: parsed.data.sha, files };
}

/** Names come from a server: only folders and names of ordinary characters, none that begins with a dot. */
function isPlainName(path: string): boolean {
  return /^\w[\w.+-]*(\/\w[\w.+-]*)*$/.test(path) && !path.includes('..');
}

export const WEIGHTS_FILE = 'model.safetensors';
const CONFIGURATIONS = ['config.json', 'preprocessor_config.json'];

/**
 * The weights, and what says how pictures are to be prepared for them.
 * @param also further names that are wanted where they exist (a tokenizer's)
 * @throws {LearnerError} if the repository has no safetensors file that can be used
 */
export function wantedFiles(
  { id }: Repository,
  { files }: RepositoryInfo,
  also: readonly string[],
): readonly HubFile[] {
  const wanted = new Set([WEIGHTS_FILE, ...CONFIGURATIONS, ...also]);
  const found = files.filter(({ path }) => wanted.has(path));
  if (found.some(({ path }) => path === WEIGHTS_FILE)) return found;
  const pickle = files.find(({ path }) => /\.(bin|pth|pt|ckpt)$/i.test(path));
  if (files.some(({ path }) => path === `${WEIGHTS_FILE}.index.json`)) {
    throw new LearnerError({
      code: 'weights-in-parts',
      message: `${id} keeps its weights in several files; such models are larger than what is trained here.`,
      remedy: 'Choose a smaller model.',
    });
  }
  if (pickle) {
    throw new LearnerError({
      code: 'weights-pickle',
      message: `${id} has no ${WEIGHTS_FILE}, only ${pickle.path}: a Python pickle, which can run code when it is opened.`,
      remedy: `Convert it with Python: from huggingface_hub import hf_hub_download; from safetensors.torch import save_file; import torch; save_file(torch.load(hf_hub_download("${id}", "${pickle.path}"), weights_only=True), "model.safetensors")`,
    });
  }
  throw new LearnerError({
    code: 'hub-no-weights',
    message: `${id} has no ${WEIGHTS_FILE}. It has: ${
      files
        .slice(0, 8)
        .map(({ path }) => path)
        .join(', ') || 'no files'
    }.`,
    remedy: 'Choose a repository with weights, for example timm/resnet18.tv_in1k.',
  });
}
