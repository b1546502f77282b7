import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, extname, isAbsolute, join, relative, resolve } from 'node:path';
import { LearnerError } from '../../protocol/errors';
import type { ImageFolder } from '../experiment';
import type { Preprocessing } from '../weights/load';
import { decodeImage } from './decode';
import type { Dataset, Split, SplitName } from './dataset';
import { stratifiedSplit, withoutDuplicates, type Labelled } from './split';

const EXTENSIONS = new Set(['.png', '.jpg', '.jpeg', '.webp', '.gif', '.tif', '.tiff', '.avif', '.bmp']);
/** No photo is larger; reading a video by mistake would fill the memory. */
const MAX_FILE_BYTES = 200 * 1024 * 1024;
/** Decoding runs in sharp's own threads. */
const PARALLEL = 8;

type Skip = { file: string; reason: string };
interface Picture extends Labelled {
  readonly pixels: Float32Array;
}

/**
 * Reads, decodes and splits a folder of pictures.
 * @param directory that a relative path starts from
 * @param onProgress pictures done, of all
 * @throws {LearnerError} if the folder is missing or empty, has one class only, or a class has too few pictures
 */
export async function loadImageFolder(
  folder: ImageFolder,
  directory: string,
  preprocessing: Preprocessing,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<Dataset> {
  const root = isAbsolute(folder.path) ? folder.path : resolve(directory, folder.path);
  const skipped: Skip[] = [];
  const layout = await findLayout(root);
  const classNames = await findClasses(layout);
  const lists = await Promise.all(layout.map(({ path }) => listPictures(path, classNames, skipped)));
  const total = lists.reduce((sum, list) => sum + list.length, 0);
  if (total === 0) throw emptyFolder(root, skipped);
  let done = 0;
  const decoded: Picture[][] = [];
  for (const list of lists) {
    decoded.push(
      await inParallel(list, async (item) => {
        const picture = await read(item, folder.imageSize, preprocessing, skipped);
        onProgress(++done, total);
        return picture;
      }),
    );
  }
  const splits = split(layout, decoded, folder, root, skipped);
  checkClasses(splits, classNames, root);
  const counts = { train: splits.train.length, val: splits.val.length, test: splits.test.length };
  skipped.sort((a, b) => (a.file < b.file ? -1 : 1));
  return {
    info: { name: basename(root), classNames, counts, skipped },
    classNames,
    itemShape: [folder.imageSize, folder.imageSize, 3],
    splits: { train: toSplit(splits.train), val: toSplit(splits.val), test: toSplit(splits.test) },
    fingerprint: fingerprint(splits, classNames, folder.imageSize, preprocessing),
  };
}

type Layout = readonly { readonly split: SplitName | 'all'; readonly path: string }[];

/** train/val(/test) folders where there are both, else the folder itself. */
async function findLayout(root: string): Promise<Layout> {
  const names = (await readFolder(root)).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const validation = names.includes('val') ? 'val' : names.includes('valid') ? 'valid' : 'validation';
  if (!names.includes('train')) return [{ split: 'all', path: root }];
  if (!names.includes(validation)) {
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

async function readFolder(path: string) {
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
        remedy: 'Correct the path in imageFolder(…); it starts from the folder of the experiment file.',
      },
      { cause: error },
    );
  }
}

async function findClasses(layout: Layout): Promise<string[]> {
  const names = new Set<string>();
  for (const { path } of layout)
    for (const entry of await readFolder(path))
      if (entry.isDirectory() && !entry.name.startsWith('.')) names.add(entry.name);
  return [...names].sort();
}

interface Found {
  readonly file: string;
  readonly label: number;
}

/** The picture files below each class folder, sub-folders included. What is no regular file is left out by name. */
async function listPictures(path: string, classNames: readonly string[], skipped: Skip[]): Promise<Found[]> {
  const found: Found[] = [];
  const walk = async (folder: string, label: number): Promise<void> => {
    for (const entry of await readFolder(folder)) {
      const file = join(folder, entry.name);
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory()) await walk(file, label);
      else if (entry.isSymbolicLink()) skipped.push({ file, reason: 'a link, not a file' });
      else if (!entry.isFile()) skipped.push({ file, reason: 'not a regular file' });
      else if (!EXTENSIONS.has(extname(entry.name).toLowerCase()))
        skipped.push({ file, reason: `not a picture (${extname(entry.name) || 'no extension'})` });
      else found.push({ file, label });
    }
  };
  const present = new Set(
    (await readFolder(path)).filter((entry) => entry.isDirectory()).map(({ name }) => name),
  );
  for (const [label, name] of classNames.entries())
    if (present.has(name)) await walk(join(path, name), label);
  return found;
}

async function read(
  { file, label }: Found,
  imageSize: number,
  preprocessing: Preprocessing,
  skipped: Skip[],
): Promise<Picture | undefined> {
  try {
    const { size } = await lstat(file);
    if (size === 0) throw new Error('empty file');
    if (size > MAX_FILE_BYTES) throw new Error(`${Math.round(size / 2 ** 20)} MB, too large`);
    const bytes = await readFile(file);
    const pixels = await decodeImage(bytes, imageSize, preprocessing);
    return { file, label, pixels, hash: createHash('sha256').update(bytes).digest('hex') };
  } catch (error) {
    const text = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    const reason = /pixel limit/i.test(text) ? 'more than 50 million pixels' : text;
    skipped.push({ file, reason });
    return undefined;
  }
}

function split(
  layout: Layout,
  decoded: readonly Picture[][],
  folder: ImageFolder,
  root: string,
  skipped: Skip[],
): Record<SplitName, Picture[]> {
  const drop = (dropped: readonly { item: Picture; same: Picture }[]): void => {
    for (const { item, same } of dropped)
      skipped.push({ file: item.file, reason: `the same picture as ${relative(root, same.file)}` });
  };
  if (layout[0]?.split === 'all') {
    const { kept, dropped } = withoutDuplicates(decoded);
    drop(dropped);
    return { ...stratifiedSplit(kept[0] ?? [], folder.valFraction, folder.seed), test: [] };
  }
  const [train = [], val = [], test = []] = decoded;
  const { kept, dropped } = withoutDuplicates([test, val, train]);
  drop(dropped);
  return { test: kept[0] ?? [], val: kept[1] ?? [], train: kept[2] ?? [] };
}

function checkClasses(
  splits: Readonly<Record<SplitName, readonly Picture[]>>,
  classNames: readonly string[],
  root: string,
): void {
  if (classNames.length < 2) {
    throw new LearnerError({
      code: 'data-one-class',
      message: `${root} has one class only: ${classNames[0] ?? 'none'}.`,
      remedy: 'Add a folder for each further class, with its pictures inside.',
    });
  }
  for (const part of ['train', 'val'] as const) {
    const missing = classNames.filter((_, label) => !splits[part].some((item) => item.label === label));
    if (missing.length === 0) continue;
    throw new LearnerError({
      code: 'data-class-empty',
      message: `${root} has no usable pictures for ${part === 'train' ? 'training' : 'validation'} in: ${missing.join(', ')}.`,
      remedy: 'Give each class at least two readable pictures that differ, or remove its folder.',
    });
  }
}

function emptyFolder(root: string, skipped: readonly Skip[]): LearnerError {
  const left =
    skipped.length === 0
      ? ''
      : ` (${skipped.length} files left out, first ${skipped[0]?.file ?? ''}: ${skipped[0]?.reason ?? ''})`;
  return new LearnerError({
    code: 'data-folder-empty',
    message: `${root} has no pictures in class folders${left}.`,
    remedy: 'Put a folder per class into it, each with pictures (png, jpg, webp).',
  });
}

function toSplit(pictures: readonly Picture[]): Split {
  const size = pictures[0]?.pixels.length ?? 0;
  const values = new Float32Array(pictures.length * size);
  for (const [index, { pixels }] of pictures.entries()) values.set(pixels, index * size);
  return {
    count: pictures.length,
    values,
    labels: Int32Array.from(pictures, ({ label }) => label),
    files: pictures.map(({ file }) => file),
  };
}

function fingerprint(
  splits: Readonly<Record<SplitName, readonly Picture[]>>,
  classNames: readonly string[],
  imageSize: number,
  preprocessing: Preprocessing,
): string {
  const hash = createHash('sha256').update(JSON.stringify({ classNames, imageSize, preprocessing }));
  for (const part of ['train', 'val', 'test'] as const)
    for (const { hash: content, label } of splits[part]) hash.update(`${part} ${label} ${content}\n`);
  return hash.digest('hex');
}

/** In order, a few at a time; undefined results are left out. */
async function inParallel<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R | undefined>,
): Promise<R[]> {
  const results: (R | undefined)[] = new Array<R | undefined>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return results.filter((result): result is Awaited<R> & R => result !== undefined);
}
