import sharp from 'sharp';
import { resizeTo, type Preprocessing } from '../weights/preprocessing';
import { centerCrop, resize, resizedSize } from './resize';

/** 50 megapixels: a larger picture would need more memory than it is worth here. */
export const MAX_PIXELS = 50_000_000;

/**
 * A picture file as the network wants it: turned upright (EXIF), RGB (alpha dropped, grey tripled), shorter side resized,
 * middle square, normalised per channel, all as the checkpoint's preprocessing says.
 * @returns `[imageSize, imageSize, 3]`
 * @throws whatever the decoder says about a broken or huge file
 */
export async function decodeImage(
  bytes: Uint8Array,
  imageSize: number,
  preprocessing: Preprocessing,
): Promise<Float32Array> {
  const { data, info } = await sharp(bytes, {
    limitInputPixels: MAX_PIXELS,
    failOn: 'error',
    animated: false,
  })
    .rotate()
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const pixels = new Float64Array(info.width * info.height * 3);
  for (let pixel = 0; pixel < info.width * info.height; pixel++)
    for (let c = 0; c < 3; c++)
      pixels[3 * pixel + c] = (data[info.channels * pixel + (info.channels < 3 ? 0 : c)] ?? 0) / 255;
  const { mean, std, interpolation } = preprocessing;
  const size = resizedSize(info.width, info.height, resizeTo(preprocessing, imageSize));
  const resized = resize(
    { width: info.width, height: info.height, channels: 3, data: pixels },
    size.width,
    size.height,
    interpolation,
  );
  const square = centerCrop(resized, imageSize).data;
  const out = new Float32Array(square.length);
  for (let index = 0; index < square.length; index++) {
    const c = index % 3;
    // Bicubic overshoots at edges; a picture has no values beyond black and white.
    const value = Math.min(1, Math.max(0, square[index] ?? 0));
    out[index] = (value - (mean[c] ?? 0)) / (std[c] ?? 1);
  }
  return out;
}
