import { createHash } from 'node:crypto';
import { basename, dirname, isAbsolute, relative, resolve } from 'node:path';
import type { DataReport } from '../../protocol/data-report';
import type { Sample } from '../../protocol/data-view';
import { LearnerError } from '../../protocol/errors';
import type { ImageSource } from '../experiment';
import { IMAGENET, type Preprocessing } from '../weights/preprocessing';
import { describeData } from './data-report';
import { decodeImage } from './decode';
import { inParallel } from './in-parallel';
import type { PictureDataset, PictureSplit, SplitName } from './dataset';
import { listCsv } from './list-csv';
import { listFolder } from './list-folder';
import { checkListing, type Found, type Gathered, type Listing, type Picture, type Skip } from './listing';
import { lookOf } from './perceptual-hash';
import { readPictureFile, reasonOf, UnusablePicture } from './picture-file';
import { pickSamples } from './samples';
import { stratifiedSplit, withoutDuplicates } from './split';

type Progress = (done: number, total: number) => void;

/**
 * Reads, decodes and splits the pictures of a folder or CSV file.
 * @param directory that a relative path starts from
 * @param onProgress pictures done, of all
 * @throws {LearnerError} if there is nothing to learn from: no pictures, one class only, a class with too few of them
 */
export async function loadImages(
  source: ImageSource,
  directory: string,
  preprocessing: Preprocessing,
  onProgress: Progress = () => undefined,
): Promise<PictureDataset> {
  const listing = await listImages(source, directory);
  checkListing(listing);
  const gathered = await gather(source, listing, preprocessing, onProgress, (pixels) => pixels);
  const { splits, skipped } = gathered;
  const { classNames, root } = listing;
  checkClasses(splits, classNames, root);
  const counts = { train: splits.train.length, val: splits.val.length, test: splits.test.length };
  return {
    kind: 'pictures',
    info: { name: basename(root), classNames, counts, skipped, report: describeData(gathered) },
    classNames,
    itemShape: [source.imageSize, source.imageSize, 3],
    splits: { train: toSplit(splits.train), val: toSplit(splits.val), test: toSplit(splits.test) },
    preprocessing,
    fingerprint: fingerprint(splits, classNames, source.imageSize, preprocessing),
  };
}

/** A data set that was looked at. */
export interface Inspected {
  readonly report: DataReport;
  /** Some pictures of each class, in the order of the report's classes. */
  readonly samples: readonly (readonly Sample[])[];
}

/**
 * Looks at a data set as a run would, without one: nothing is changed, and what a run would refuse is a warning.
 * @throws {LearnerError} if the folder or file cannot be read
 */
export async function inspectData(
  source: ImageSource,
  directory: string,
  { preprocessing = IMAGENET, onProgress = () => undefined }: InspectOptions = {},
): Promise<Inspected> {
  const listing = await listImages(source, directory);
  const gathered = await gather(source, listing, preprocessing, onProgress, () => NO_PIXELS);
  return { report: describeData(gathered), samples: pickSamples(listing.classNames, gathered.splits) };
}

export interface InspectOptions {
  readonly preprocessing?: Preprocessing;
  readonly onProgress?: Progress;
}

const NO_PIXELS = new Float32Array(0);

/** Which pictures there are; none is opened. @throws {LearnerError} if the folder or file cannot be read */
export function listImages(source: ImageSource, directory: string): Promise<Listing> {
  const path = isAbsolute(source.path) ? source.path : resolve(directory, source.path);
  return source.kind === 'image-csv' ? listCsv(source, path) : listFolder(path);
}

async function gather(
  source: ImageSource,
  listing: Listing,
  preprocessing: Preprocessing,
  onProgress: Progress,
  keep: (pixels: Float32Array) => Float32Array,
): Promise<Gathered> {
  const skipped: Skip[] = [...listing.skipped];
  const pictures = await readPictures(listing.found, source.imageSize, preprocessing, {
    skipped,
    onProgress,
    keep,
  });
  const base = source.kind === 'image-csv' ? dirname(listing.root) : listing.root;
  const { splits, drawn, dropped } = split(pictures, source);
  for (const { item, same } of dropped)
    skipped.push({ file: item.file, reason: `the same picture as ${relative(base, same.file)}` });
  skipped.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
  const conflicts = dropped.filter(({ item, same }) => item.label !== same.label);
  return { listing, splits, drawn, skipped, duplicates: dropped.length, conflicts };
}

/** Reads and prepares pictures, a few at a time. @param skipped gets those that cannot be used */
export async function readPictures(
  found: readonly Found[],
  imageSize: number,
  preprocessing: Preprocessing,
  {
    skipped,
    onProgress = () => undefined,
    keep = (pixels) => pixels,
  }: {
    readonly skipped: Skip[];
    readonly onProgress?: Progress;
    readonly keep?: (pixels: Float32Array) => Float32Array;
  },
): Promise<Picture[]> {
  let done = 0;
  return inParallel(found, async (item) => {
    const picture = await read(item, imageSize, preprocessing, skipped);
    onProgress(++done, found.length);
    return picture && { ...picture, pixels: keep(picture.pixels) };
  });
}

async function read(
  found: Found,
  imageSize: number,
  preprocessing: Preprocessing,
  skipped: Skip[],
): Promise<Picture | undefined> {
  const { file } = found;
  try {
    const { bytes, facts } = await readPictureFile(file);
    const pixels = await decodeImage(bytes, imageSize, preprocessing);
    const hash = createHash('sha256').update(new Uint8Array(pixels.buffer)).digest('hex');
    return { ...found, pixels, facts, hash, look: lookOf(denormalised(pixels, preprocessing), imageSize) };
  } catch (error) {
    const reason = error instanceof UnusablePicture ? error.message : await reasonOf(error, file);
    skipped.push({ file, reason });
    return undefined;
  }
}

function denormalised(pixels: Float32Array, { mean, std }: Preprocessing): Float32Array {
  return pixels.map((value, index) => value * (std[index % 3] ?? 1) + (mean[index % 3] ?? 0));
}

/** Draws a validation set where none is given. A picture that is there twice stays where it measures. */
function split(
  pictures: readonly Picture[],
  { valFraction, seed }: ImageSource,
): {
  splits: Record<SplitName, Picture[]>;
  drawn: boolean;
  dropped: { item: Picture; same: Picture }[];
} {
  const given = (name: SplitName): Picture[] => pictures.filter((picture) => picture.split === name);
  const open = pictures.filter((picture) => picture.split === undefined);
  const { kept, dropped } = withoutDuplicates([given('test'), given('val'), [...given('train'), ...open]]);
  const [test = [], val = [], rest = []] = kept;
  if (val.length > 0) return { splits: { train: rest, val, test }, drawn: false, dropped };
  return { splits: { ...stratifiedSplit(rest, valFraction, seed), test }, drawn: true, dropped };
}

function checkClasses(splits: Gathered['splits'], classNames: readonly string[], root: string): void {
  for (const part of ['train', 'val'] as const) {
    const missing = classNames.filter((_, label) => !splits[part].some((item) => item.label === label));
    if (missing.length === 0) continue;
    throw new LearnerError({
      code: 'data-class-empty',
      message: `${root} has no usable pictures for ${part === 'train' ? 'training' : 'validation'} in: ${missing.join(', ')}.`,
      remedy: 'Give each class at least two readable pictures that differ, or remove it.',
    });
  }
}

function toSplit(pictures: readonly Picture[]): PictureSplit {
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
  splits: Gathered['splits'],
  classNames: readonly string[],
  imageSize: number,
  preprocessing: Preprocessing,
): string {
  const hash = createHash('sha256').update(JSON.stringify({ classNames, imageSize, preprocessing }));
  for (const part of ['train', 'val', 'test'] as const)
    for (const { hash: content, label } of splits[part]) hash.update(`${part} ${label} ${content}\n`);
  return hash.digest('hex');
}
