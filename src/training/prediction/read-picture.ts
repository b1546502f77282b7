import { stat } from 'node:fs/promises';
import sharp from 'sharp';
import { LearnerError } from '../../protocol/errors';
import { MOST_PICTURE_BYTES } from '../../protocol/try-picture';
import { decodeImage } from '../data/decode';
import { BEYOND, readPictureFile, reasonOf, UnusablePicture, type PictureFacts } from '../data/picture-file';
import { resizeTo, type Preprocessing } from '../weights/preprocessing';

export interface ReadPicture {
  /** `[imageSize, imageSize, 3]`, normalised: what a run's own pictures become. */
  readonly pixels: Float32Array;
  /** How it was prepared, in sentences. */
  readonly prepared: readonly string[];
}

/**
 * Reads a learner's picture by the code that reads a run's pictures.
 * @param name what people call the file
 * @throws {LearnerError} 'picture-not-found', 'picture-too-large', 'picture-too-many-pixels', 'picture-unusable', 'picture-broken'
 */
export async function readPicture(
  file: string,
  name: string,
  imageSize: number,
  preprocessing: Preprocessing,
): Promise<ReadPicture> {
  const found = await stat(file).catch((error: unknown) => {
    throw new LearnerError(
      {
        code: 'picture-not-found',
        message: `${name} cannot be opened: there is no such file, or it may not be read.`,
        remedy: 'Give the path of a picture that is there.',
      },
      { cause: error },
    );
  });
  if (found.size > MOST_PICTURE_BYTES) {
    throw new LearnerError({
      code: 'picture-too-large',
      message: `${name} has ${Math.ceil(found.size / 2 ** 20)} MB; a picture may have at most ${MOST_PICTURE_BYTES / 2 ** 20} MB.`,
      remedy: 'Save it smaller, for example as JPEG.',
    });
  }
  const { bytes, facts } = await readPictureFile(file).catch((error: unknown) => {
    throw error instanceof UnusablePicture ? unusable(name, error) : error;
  });
  try {
    const pixels = await decodeImage(bytes, imageSize, preprocessing);
    return { pixels, prepared: preparedSentences(facts, imageSize, preprocessing) };
  } catch (error) {
    throw new LearnerError(
      {
        code: 'picture-broken',
        message: `${name} is broken or cut off: ${await reasonOf(error, file)}.`,
        remedy: 'Download or copy it again, or open it in another program and save it anew.',
      },
      { cause: error },
    );
  }
}

function unusable(name: string, error: UnusablePicture): LearnerError {
  const { message: reason } = error;
  if (reason === BEYOND) {
    return new LearnerError(
      {
        code: 'picture-too-many-pixels',
        message: `${name} has ${reason}, which is the limit.`,
        remedy: 'Make it smaller first: 2,000 pixels along a side are more than any network here looks at.',
      },
      { cause: error },
    );
  }
  if (/\.hei[cf]$/i.test(name)) {
    return new LearnerError(
      {
        code: 'picture-unusable',
        message: `${name} is a HEIC picture, as phones take them; those are not read here.`,
        remedy: 'Save or export it as JPEG or PNG first.',
      },
      { cause: error },
    );
  }
  return new LearnerError(
    {
      code: 'picture-unusable',
      message: `${name} cannot be used: ${reason}.`,
      remedy: 'Choose a PNG, JPEG, WebP, GIF, TIFF or AVIF file that other programs show, too.',
    },
    { cause: error },
  );
}

/** What was done to the picture before the network saw it. */
export function preparedSentences(
  facts: PictureFacts,
  imageSize: number,
  preprocessing: Preprocessing,
): string[] {
  const { width, height } = facts;
  const changes = [
    facts.animated ? 'It is animated: only its first frame was used.' : undefined,
    facts.rotated ? 'It was turned upright, as its EXIF data asks.' : undefined,
    facts.cmyk ? 'Its CMYK colours were converted to RGB.' : undefined,
    facts.sixteenBit ? 'Its 16 bits for each colour were reduced to 8.' : undefined,
    facts.alpha ? 'Its transparency was left out, so the colours beneath it count.' : undefined,
    facts.greyscale ? 'It is grey: the same value served as red, green and blue.' : undefined,
  ];
  const shorter = resizeTo(preprocessing, imageSize);
  const kept = imageSize / shorter;
  const lost = 1 - kept * kept * (Math.min(width, height) / Math.max(width, height));
  const share = Math.round(lost * 100);
  const size =
    `From ${width} x ${height} pixels it was resized so that the shorter side has ${shorter} ` +
    `(${preprocessing.interpolation}, with antialias); the middle ${imageSize} x ${imageSize} was kept` +
    (share > 0 ? `. What was cut off, ${share} % of the picture, the network did not see.` : '.');
  return [
    ...changes.filter((text) => text !== undefined),
    size,
    'Its colours were scaled as those of the run’s own pictures.',
  ];
}

/** The picture as the network sees it, as a PNG. */
export async function toPng(
  pixels: Float32Array,
  imageSize: number,
  preprocessing: Preprocessing,
): Promise<Buffer> {
  return sharp(toBytes(pixels, preprocessing), { raw: { width: imageSize, height: imageSize, channels: 3 } })
    .png()
    .toBuffer();
}

/** Back from normalised values to red, green and blue. */
export function toBytes(pixels: Float32Array, { mean, std }: Preprocessing): Uint8Array {
  return Uint8Array.from(pixels, (value, index) => {
    const c = index % 3;
    return Math.min(255, Math.max(0, Math.round((value * (std[c] ?? 1) + (mean[c] ?? 0)) * 255)));
  });
}
