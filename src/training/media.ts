import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { LearnerError } from '../protocol/errors';
import { assetsRoot } from './assets';

export type MediaKind = 'models' | 'data';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const cardSchema = z.strictObject({
  name: z.string(),
  /** What it is for: 'image classifier', 'text encoder', 'sentences with classes' … */
  kind: z.string(),
  summary: z.string(),
  license: z.string(),
  /** Models only. */
  parameters: z.int().positive().optional(),
  /** Models that use another folder's weights: the file, relative to this folder. */
  weights: z.string().optional(),
  /** Measured on `on`; `command` measures it again. */
  scores: z.array(
    z.strictObject({
      on: z.string(),
      what: z.string(),
      mean: z.number(),
      deviation: z.number().optional(),
      seeds: z.int().positive().optional(),
      command: z.string(),
    }),
  ),
  /** The command that makes the folder again. */
  source: z.string(),
  /** A CSV file of this folder with the columns `file` and `sha256`, for folders of many small files. */
  index: z.string().optional(),
  bytes: z.int().positive(),
  files: z.record(z.string(), z.strictObject({ bytes: z.int().nonnegative(), sha256: digest })),
});

/** What a folder of media/models or media/data says about itself in card.json; README.md says it to people. */
export type MediaCard = z.infer<typeof cardSchema>;

export const mediaFolder = (kind: MediaKind, name: string): string => join(assetsRoot(), 'media', kind, name);

/** The names of what comes with this installation, sorted. */
export async function mediaNames(kind: MediaKind): Promise<string[]> {
  const entries = await readdir(join(assetsRoot(), 'media', kind), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** @throws {LearnerError} 'media-damaged' if card.json is missing or not of this form */
export async function readMediaCard(folder: string): Promise<MediaCard> {
  const file = join(folder, 'card.json');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw damaged(folder, file, 'cannot be read', error);
  });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw damaged(folder, file, 'is not JSON', error);
  }
  const parsed = cardSchema.safeParse(content);
  if (!parsed.success) throw damaged(folder, file, `is not a card: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/**
 * Compares size and sha256 of every file that the folder's card, or the index that it names, states.
 * @throws {LearnerError} 'media-damaged', naming the first file that is missing, too short, too long or changed
 */
export async function verifyMedia(folder: string): Promise<void> {
  const card = await readMediaCard(folder);
  for (const [name, expected] of Object.entries(card.files)) {
    await readVerified(folder, name, expected);
  }
  if (card.index === undefined) return;
  for (const { file, sha256 } of await indexRows(folder, card.index)) {
    await readVerified(folder, file, { sha256 });
  }
}

/** The bytes of a file that the folder's card lists. @throws {LearnerError} 'media-damaged' */
export async function readMediaFile(folder: string, name: string): Promise<Uint8Array> {
  const { files } = await readMediaCard(folder);
  const expected = files[name];
  if (!expected) throw damaged(folder, join(folder, 'card.json'), `does not list ${name}`);
  return readVerified(folder, name, expected);
}

async function readVerified(
  folder: string,
  name: string,
  expected: { readonly sha256: string; readonly bytes?: number },
): Promise<Uint8Array> {
  const file = join(folder, name);
  const bytes = await readFile(file).catch((error: unknown) => {
    throw damaged(folder, file, 'cannot be read', error);
  });
  if (expected.bytes !== undefined && bytes.byteLength !== expected.bytes) {
    throw damaged(folder, file, `has ${bytes.byteLength} bytes instead of ${expected.bytes}`);
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== expected.sha256) {
    throw damaged(
      folder,
      file,
      `has other content than it came with (sha256 ${found}, expected ${expected.sha256})`,
    );
  }
  return bytes;
}

/** Rows of a CSV file without quoted fields. */
async function indexRows(folder: string, index: string): Promise<{ file: string; sha256: string }[]> {
  const [header = '', ...lines] = (await readFile(join(folder, index), 'utf8')).trimEnd().split(/\r?\n/);
  const names = header.split(',');
  const [fileColumn, hashColumn] = [names.indexOf('file'), names.indexOf('sha256')];
  return lines.map((line) => {
    const fields = line.split(',');
    return { file: fields[fileColumn] ?? '', sha256: fields[hashColumn] ?? '' };
  });
}

function damaged(folder: string, file: string, reason: string, cause?: unknown): LearnerError {
  return new LearnerError(
    {
      code: 'media-damaged',
      message: `${file} ${reason}.`,
      remedy: `Get ${basename(folder)} again: reinstall Transfer Lab, or in a clone of its repository run: git checkout -- "${folder}"`,
    },
    { cause },
  );
}
