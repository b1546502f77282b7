import { heatPixels, upsample, type HeatGrid } from '../../protocol/heat-map';

/** Pixels along a side: the browser enlarges the rest. */
const SIDE = 256;

export function drawHeat(canvas: HTMLCanvasElement, grid: HeatGrid): void {
  canvas.width = canvas.height = SIDE;
  const pixels = heatPixels(upsample(grid, SIDE));
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, SIDE, SIDE), 0, 0);
}

/** The scale from nothing to most. */
export function drawScale(canvas: HTMLCanvasElement): void {
  canvas.width = SIDE;
  canvas.height = 1;
  const pixels = heatPixels(Float32Array.from({ length: SIDE }, (_, index) => index / (SIDE - 1)));
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, SIDE, 1), 0, 0);
}
