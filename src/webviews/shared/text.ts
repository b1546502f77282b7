import { percent as percentOf } from '../../protocol/percent';

/** Longest foreign text (names, messages) that is drawn in full, in UTF-16 units. */
export const MAX_TEXT = 400;

/** Foreign text for an attribute or a sentence: cut to a drawable length, its direction kept away from its surroundings. */
export function isolate(text: string): string {
  return `\u2068${shorten(text).replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '')}\u2069`;
}

/** Cuts between code points, so that no half of a surrogate pair is left. */
export function shorten(text: string, length = MAX_TEXT): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** The last part of a path of either kind of system. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

export const MISSING = '–';

/** @param share 0..1 */
export function percent(share: number | null | undefined): string {
  return isNumber(share) ? percentOf(share) : MISSING;
}

export function lossText(value: number | null | undefined): string {
  if (!isNumber(value)) return MISSING;
  return value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(2) : value.toFixed(3);
}

export function rateText(value: number | null | undefined): string {
  if (!isNumber(value)) return MISSING;
  const rounded = Number(value.toPrecision(3));
  return rounded !== 0 && rounded < 1e-3 ? rounded.toExponential() : String(rounded);
}

export function millisecondsText(value: number | null | undefined): string {
  if (!isNumber(value)) return MISSING;
  return `${value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

/** "12 s", "3 min 5 s", "1 h 2 min". */
export function durationText(seconds: number | null | undefined): string {
  if (!isNumber(seconds)) return MISSING;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Rounded up to what a person would say of the time left: no number that jumps at every step. */
export function timeLeftText(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  return seconds < 600 ? durationText(Math.ceil(seconds / 5) * 5) : `${Math.ceil(seconds / 60)} min`;
}

/** Parameters, pictures: "11.2 M", "46.1 k", "980". */
export function countText(value: number | null | undefined): string {
  if (!isNumber(value)) return MISSING;
  if (value >= 999_500) return `${(value / 1e6).toPrecision(3)} M`;
  return value >= 10_000 ? `${(value / 1e3).toPrecision(3)} k` : String(value);
}

function isNumber(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
