import sharp from 'sharp';
import { MAX_PIXELS } from './decode';
import { inParallel } from './in-parallel';
import { readPictureFile } from './picture-file';

export interface ThumbnailOptions {
  /** Pixels of the longest side. */
  readonly size: number;
  /** 'cover' cuts the middle square out. Default: the whole picture. */
  readonly fit?: 'cover' | 'inside';
}

/** Small PNGs as data addresses, by file, turned upright. Pictures that are gone or broken are left out. */
export async function thumbnails(
  files: readonly string[],
  { size, fit = 'inside' }: ThumbnailOptions,
): Promise<ReadonlyMap<string, string>> {
  const made = await inParallel([...new Set(files)], async (file) => {
    try {
      const { bytes } = await readPictureFile(file);
      const png = await sharp(bytes, { limitInputPixels: MAX_PIXELS })
        .rotate()
        .resize(size, size, { fit, withoutEnlargement: fit === 'inside' })
        .png()
        .toBuffer();
      return [file, `data:image/png;base64,${png.toString('base64')}`] as const;
    } catch {
      return undefined; // Whoever asked says that there is nothing to see.
    }
  });
  return new Map(made);
}
