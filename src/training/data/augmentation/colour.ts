/**
 * Changing colours, with torchvision's definitions (transforms.v2.functional on float tensors). A factor of 1 (hue: 0)
 * leaves a picture as it is.
 */
import { clamp01, mapValues, type Pixels } from './pixels';

/** Luma as torchvision weighs it. */
function grey(data: Float32Array, pixel: number): number {
  return 0.2989 * (data[pixel] ?? 0) + 0.587 * (data[pixel + 1] ?? 0) + 0.114 * (data[pixel + 2] ?? 0);
}

/** 0 is black. */
export function adjustBrightness(image: Pixels, factor: number): Pixels {
  return mapValues(image, (value) => clamp01(factor * value));
}

/** 0 is the mean grey everywhere. */
export function adjustContrast(image: Pixels, factor: number): Pixels {
  let sum = 0;
  for (let pixel = 0; pixel < image.data.length; pixel += 3) sum += grey(image.data, pixel);
  const mean = sum / (image.data.length / 3);
  return mapValues(image, (value) => clamp01(factor * value + (1 - factor) * mean));
}

/** 0 is a grey picture. */
export function adjustSaturation(image: Pixels, factor: number): Pixels {
  return mapValues(image, (value, place, channel) =>
    clamp01(factor * value + (1 - factor) * grey(image.data, place - channel)),
  );
}

/** Turns every colour on the colour circle. @param turn −0.5..0.5, in whole turns */
export function adjustHue(image: Pixels, turn: number): Pixels {
  const data = new Float32Array(image.data.length);
  for (let pixel = 0; pixel < data.length; pixel += 3) {
    const [hue, saturation, value] = toHsv(
      image.data[pixel] ?? 0,
      image.data[pixel + 1] ?? 0,
      image.data[pixel + 2] ?? 0,
    );
    data.set(toRgb((((hue + turn) % 1) + 1) % 1, saturation, value), pixel);
  }
  return { ...image, data };
}

type Triple = readonly [number, number, number];

function toHsv(red: number, green: number, blue: number): Triple {
  const value = Math.max(red, green, blue);
  const range = value - Math.min(red, green, blue);
  if (range === 0) return [0, 0, value];
  const [r, g, b] = [(value - red) / range, (value - green) / range, (value - blue) / range];
  const hue = value === red ? b - g : value === green ? 2 + r - b : 4 + g - r;
  return [(hue / 6 + 1) % 1, range / value, value];
}

function toRgb(hue: number, saturation: number, value: number): Triple {
  const sector = Math.floor(hue * 6);
  const rest = hue * 6 - sector;
  const p = clamp01(value * (1 - saturation));
  const q = clamp01(value * (1 - saturation * rest));
  const t = clamp01(value * (1 - saturation * (1 - rest)));
  const sectors: readonly Triple[] = [
    [value, t, p],
    [q, value, p],
    [p, value, t],
    [p, q, value],
    [t, p, value],
    [value, p, q],
  ];
  return sectors[sector % 6] ?? [value, value, value];
}

/** 0 is blurred, 2 sharpened; the outermost pixels stay. */
export function adjustSharpness(image: Pixels, factor: number): Pixels {
  const { width, height, data } = image;
  if (width <= 2 || height <= 2) return image;
  const row = width * 3;
  return mapValues(image, (value, place) => {
    const x = Math.floor(place / 3) % width;
    const y = Math.floor(place / row);
    if (x === 0 || y === 0 || x === width - 1 || y === height - 1) return value;
    let sum = 4 * value;
    for (const above of [-row, 0, row])
      for (const beside of [-3, 0, 3]) sum += data[place + above + beside] ?? 0;
    return clamp01(factor * value + ((1 - factor) * sum) / 13);
  });
}

/** Keeps so many bits of each value. */
export function posterize(image: Pixels, bits: number): Pixels {
  const levels = 2 ** bits;
  return mapValues(image, (value) => Math.min(levels - 1, Math.floor(value * levels)) / levels);
}

/** Turns values from the threshold upwards into their negative. @param threshold 0..1 */
export function solarize(image: Pixels, threshold: number): Pixels {
  return mapValues(image, (value) => (value >= threshold ? 1 - value : value));
}

/** Stretches each channel so that it reaches from 0 to 1. */
export function autocontrast(image: Pixels): Pixels {
  const low = [1, 1, 1];
  const high = [0, 0, 0];
  for (const [place, value] of image.data.entries()) {
    const channel = place % 3;
    low[channel] = Math.min(low[channel] ?? 1, value);
    high[channel] = Math.max(high[channel] ?? 0, value);
  }
  return mapValues(image, (value, _, channel) => {
    const [from = 0, to = 1] = [low[channel], high[channel]];
    return from === to ? value : clamp01((value - from) / (to - from));
  });
}

/** Spreads the values of each channel evenly, by the 8-bit histogram. */
export function equalize(image: Pixels): Pixels {
  const byte = (value: number): number => Math.min(255, Math.floor(value * (256 - 1e-3)));
  const tables = [0, 1, 2].map((channel) => {
    const histogram = new Uint32Array(256);
    let count = 0;
    for (let place = channel; place < image.data.length; place += 3, count++) {
      const bin = byte(image.data[place] ?? 0);
      histogram[bin] = (histogram[bin] ?? 0) + 1;
    }
    const last = histogram.findLastIndex((some) => some > 0);
    const step = Math.floor((count - (histogram[last] ?? 0)) / 255);
    let before = 0;
    return Uint8Array.from(histogram, (here, bin) => {
      const level = step === 0 ? bin : Math.min(255, Math.floor((before + Math.floor(step / 2)) / step));
      before += here;
      return bin === 0 && step > 0 ? 0 : level;
    });
  });
  return mapValues(image, (value, _, channel) => (tables[channel]?.[byte(value)] ?? 0) / 255);
}
