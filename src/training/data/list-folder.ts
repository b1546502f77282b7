import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Dirent } from 'node:fs';
import { LearnerError } from '../../protocol/errors';
import type { SplitName } from './dataset';
import type { Found, Listing, Skip } from './listing';

/** What a folder per class holds. */
export interface FileKind {
  /** In small letters, with the dot. */
  readonly extensions: ReadonlySet<string>;
  /** 'a picture' */
  readonly noun: string;
  /** The learner's function: 'imageFolder(…)'. */
  readonly call: string;
}

const PICTURE_EXTENSIONS: ReadonlySet<string> = new Set([
  '.png',
  '.jpg',
  '.jpeg',
  '.webp',
  '.gif',
  '.tif',
  '.tiff',
  '.avif',
  '.bmp',
]);

const PICTURES: FileKind = { extensions: PICTURE_EXTENSIONS, noun: 'a picture', call: 'imageFolder(…)' };

interface Part {
  readonly path: string;
  readonly split?: SplitName;
}

/**
 * The files of a folder with a folder per class, or with train, val and perhaps test folders that have them.
 * Links are not followed, so a circle of them cannot be walked; what is no regular file is never opened.
 * @throws {LearnerError} if the folder cannot be read, or has a training part but none for validation
 */
export async function listFolder(root: string, kind: FileKind = PICTURES): Promise<Listing> {
  const readFolder = (path: string): Promise<Dirent[]> => readClassFolder(path, kind);
  const parts = await findParts(root, kind);
  const skipped: Skip[] = [];
  const entries = await Promise.all(parts.map(({ path }) => readFolder(path)));
  const classNames = [
    ...new Set(
      entries
        .flat()
        .filter(isVisibleFolder)
        .map(({ name }) => name),
    ),
  ].sort();
  const found: Found[] = [];
  for (const [index, { path, split }] of parts.entries()) {
    for (const entry of entries[index] ?? []) {
      if (isVisibleFolder(entry))
        await walk(join(path, entry.name), (file) => {
          found.push({ file, label: classNames.indexOf(entry.name), ...(split ? { split } : {}) });
        });
      else if (entry.isSymbolicLink())
        skipped.push({ file: join(path, entry.name), reason: 'a link, not a folder' });
      else if (kind.extensions.has(extname(entry.name).toLowerCase()))
        skipped.push({
          file: join(path, entry.name),
          reason: 'beside the class folders, so it has no class',
        });
    }
  }
  return { root, classNames, found, skipped };

  async function walk(folder: string, take: (file: string) => void): Promise<void> {
    for (const entry of await readFolder(folder)) {
      const file = join(folder, entry.name);
      const skip = (reason: string): unknown => skipped.push({ file, reason });
      const extension = extname(entry.name).toLowerCase();
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory()) await walk(file, take);
      else if (entry.isSymbolicLink()) skip('a link, not a file');
      else if (!entry.isFile()) skip('not a regular file');
      else if (!kind.extensions.has(extension)) skip(`not ${kind.noun} (${extension || 'no extension'})`);
      else take(file);
    }
  }
}

/** Folders called as something else beside train and val would be no classes, so they are not looked into. */
async function findParts(root: string, kind: FileKind): Promise<readonly Part[]> {
  const names = (await readClassFolder(root, kind)).filter(isVisibleFolder).map(({ name }) => name);
  if (!names.includes('train')) return [{ path: root }];
  const validation = ['val', 'valid', 'validation'].find((name) => names.includes(name));
  if (validation === undefined) {
    throw new LearnerError({
      code: 'data-no-validation',
      message: `${root} has a "train" folder, but no "val" beside it.`,
      remedy:
        'Add a folder "val" with the same classes, or give the path of "train": then a part is set aside for validation.',
    });
  }
  return [
    { split: 'train', path: join(root, 'train') },
    { split: 'val', path: join(root, validation) },
    ...(names.includes('test') ? [{ split: 'test' as const, path: join(root, 'test') }] : []),
  ];
}

function isVisibleFolder(entry: Dirent): boolean {
  return entry.isDirectory() && !entry.name.startsWith('.');
}

async function readClassFolder(path: string, kind: FileKind): Promise<Dirent[]> {
  try {
    return (await readdir(path, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const what =
      code === 'ENOENT'
        ? 'does not exist'
        : code === 'ENOTDIR'
          ? 'is a file, not a folder'
          : `cannot be read (${code ?? 'unknown'})`;
    throw new LearnerError(
      {
        code: code === 'ENOENT' ? 'data-folder-missing' : 'data-folder-unreadable',
        message: `The data folder ${path} ${what}.`,
        remedy: `Correct the path in ${kind.call}; it starts from the folder of the experiment file.`,
      },
      { cause: error },
    );
  }
}
