import sharp from 'sharp';
import { heatPixels, upsample, type HeatGrid } from '../../protocol/heat-map';

/** A picture of 64 pixels is enlarged to about this many: else nobody sees what is on it. */
const SIDE = 448;

/**
 * The picture with the heat map over it.
 * @param picture PNG of `side` x `side` pixels
 * @param opacity of the heat map, 0..1
 * @returns PNG
 */
export async function heatPicture(
  picture: Buffer,
  side: number,
  grid: HeatGrid,
  opacity: number,
): Promise<Buffer> {
  const size = side * Math.max(1, Math.round(SIDE / side));
  const heat = heatPixels(upsample(grid, size));
  const below = await sharp(picture).resize(size, size, { kernel: 'nearest' }).removeAlpha().raw().toBuffer();
  const blended = Uint8Array.from(below, (value, index) => {
    const above = heat[4 * Math.floor(index / 3) + (index % 3)] ?? 0;
    return Math.round(value * (1 - opacity) + above * opacity);
  });
  return sharp(blended, { raw: { width: size, height: size, channels: 3 } })
    .png()
    .toBuffer();
}
