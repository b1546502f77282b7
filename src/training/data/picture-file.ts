import { lstat, readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import sharp from 'sharp';
import { MAX_PIXELS } from './decode';

/** No photo is larger; reading a video by mistake would fill the memory. */
const MAX_FILE_BYTES = 200 * 1024 * 1024;
export const BEYOND = `more than ${MAX_PIXELS / 1e6} million pixels`;

/** What the header of a picture file says. */
export interface PictureFacts {
  /** By its content: 'png', 'jpeg', 'webp', 'gif', 'tiff', 'avif'. */
  readonly format: string;
  /** The extension promises another format. */
  readonly wrongExtension: boolean;
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
  readonly greyscale: boolean;
  readonly cmyk: boolean;
  readonly sixteenBit: boolean;
  readonly alpha: boolean;
  readonly animated: boolean;
  /** EXIF asks for turning or mirroring. */
  readonly rotated: boolean;
}

/** A reason in words for leaving a file out. */
export class UnusablePicture extends Error {
  override readonly name = 'UnusablePicture';
}

/**
 * Reads a picture file and its header; nothing is decoded. What is no regular file is never opened: a pipe would hang.
 * @throws {UnusablePicture} with the reason
 */
export async function readPictureFile(file: string): Promise<{ bytes: Buffer; facts: PictureFacts }> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new UnusablePicture('not a regular file');
    if (found.size === 0) throw new UnusablePicture('empty file');
    if (found.size > MAX_FILE_BYTES)
      throw new UnusablePicture(`${Math.round(found.size / 2 ** 20)} MB, too large`);
    const bytes = await readFile(file);
    return { bytes, facts: await readFacts(bytes, file) };
  } catch (error) {
    throw error instanceof UnusablePicture
      ? error
      : new UnusablePicture(await reasonOf(error, file), { cause: error });
  }
}

async function readFacts(bytes: Buffer, file: string): Promise<PictureFacts> {
  const format = formatOf(bytes);
  if (format === undefined)
    throw new UnusablePicture('its content is no picture (png, jpeg, webp, gif, tiff or avif)');
  if (format === 'bmp') throw new UnusablePicture('BMP is not read; save it as PNG');
  const header = await sharp(bytes, { limitInputPixels: false, failOn: 'error' }).metadata();
  const { width, height } = header;
  if (width * height > MAX_PIXELS) throw new UnusablePicture(BEYOND);
  const turned = (header.orientation ?? 1) > 4;
  return {
    format,
    wrongExtension: !(EXTENSIONS_OF[format] ?? []).includes(extname(file).toLowerCase()),
    width: turned ? height : width,
    height: turned ? width : height,
    greyscale: header.space === 'b-w' || header.space === 'grey16',
    cmyk: header.space === 'cmyk',
    sixteenBit: header.depth === 'ushort' || header.depth === 'short',
    alpha: header.hasAlpha,
    animated: (header.pages ?? 1) > 1 && (format === 'gif' || format === 'webp' || format === 'png'),
    rotated: (header.orientation ?? 1) !== 1,
  };
}

const EXTENSIONS_OF: Readonly<Record<string, readonly string[]>> = {
  png: ['.png'],
  jpeg: ['.jpg', '.jpeg'],
  webp: ['.webp'],
  gif: ['.gif'],
  tiff: ['.tif', '.tiff'],
  avif: ['.avif'],
};

/** By the first bytes, so that nothing but pictures of pixels reaches a decoder: no SVG, PDF or script. */
function formatOf(bytes: Buffer): string | undefined {
  const text = (start: number, end: number): string => bytes.toString('latin1', start, end);
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (text(0, 3) === '\xff\xd8\xff') return 'jpeg';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp';
  if (text(0, 6) === 'GIF87a' || text(0, 6) === 'GIF89a') return 'gif';
  if (text(0, 4) === 'II*\0' || text(0, 4) === 'MM\0*') return 'tiff';
  if (text(4, 8) === 'ftyp' && /avi[fs]|mif1/.test(text(8, 32))) return 'avif';
  return text(0, 2) === 'BM' ? 'bmp' : undefined;
}

/** What went wrong with a file, for people. */
export async function reasonOf(error: unknown, file: string): Promise<string> {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') {
    const link = await lstat(file).then(
      (found) => found.isSymbolicLink(),
      () => false,
    );
    return link ? 'a link that leads nowhere' : 'no such file';
  }
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be read (permission denied)';
  if (code === 'ELOOP') return 'a link that leads in a circle';
  const text = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  return /pixel limit/i.test(text) ? BEYOND : text;
}
