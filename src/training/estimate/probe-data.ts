import type { ImageSource } from '../experiment';
import type { PictureDataset, PictureSplit } from '../data/dataset';
import { listImages, readPictures } from '../data/load-images';
import { checkListing, type Picture } from '../data/listing';
import { LearnerError } from '../../protocol/errors';
import type { Preprocessing } from '../weights/preprocessing';
import { countsOf, type Counts } from './arithmetic';

/** Pictures that are read to see how long one takes. */
const READ = 32;

export interface ProbeData {
  readonly dataset: PictureDataset;
  /** Of the whole data. */
  readonly counts: Counts;
  readonly readSeconds: number;
}

/**
 * A few real pictures of a data set, repeated as often as the probe needs them: `train` to train on, `val` to validate with.
 * @throws {LearnerError} if there is nothing to learn from
 */
export async function probeData(
  source: ImageSource,
  directory: string,
  preprocessing: Preprocessing,
  sizes: (counts: Counts) => { readonly train: number; readonly val: number },
): Promise<ProbeData> {
  const listing = await listImages(source, directory);
  checkListing(listing);
  const { found, classNames } = listing;
  const step = Math.max(1, Math.floor(found.length / READ));
  const some = found.filter((_, index) => index % step === 0).slice(0, READ);
  const began = performance.now();
  const pictures = await readPictures(some, source.imageSize, preprocessing, { skipped: [] });
  const perPicture = (performance.now() - began) / 1000 / some.length;
  if (pictures.length === 0) {
    throw new LearnerError({
      code: 'data-unreadable',
      message: `None of ${some.length} pictures of ${listing.root} could be read.`,
      remedy: 'Choose "Look at the data" above the experiment: it names the reason of each.',
    });
  }
  const counts = countsOf(listing, source.valFraction);
  const { train, val } = sizes(counts);
  const dataset: PictureDataset = {
    kind: 'pictures',
    info: { name: listing.root, classNames, counts, skipped: [] },
    classNames,
    itemShape: [source.imageSize, source.imageSize, 3],
    splits: {
      train: repeated(pictures, train, classNames.length),
      val: repeated(pictures, val, classNames.length),
      test: repeated(pictures, 0, classNames.length),
    },
    preprocessing,
    fingerprint: 'probe',
  };
  return { dataset, counts, readSeconds: perPicture * found.length };
}

/** Every class occurs, so that weights of classes are numbers. */
function repeated(pictures: readonly Picture[], count: number, classes: number): PictureSplit {
  const size = pictures[0]?.pixels.length ?? 0;
  const values = new Float32Array(count * size);
  const picture = (index: number): Picture | undefined => pictures[index % pictures.length];
  for (let index = 0; index < count; index++)
    values.set(picture(index)?.pixels ?? new Float32Array(size), index * size);
  return {
    count,
    values,
    labels: Int32Array.from({ length: count }, (_, index) => index % classes),
    files: Array.from({ length: count }, (_, index) => picture(index)?.file ?? ''),
  };
}
