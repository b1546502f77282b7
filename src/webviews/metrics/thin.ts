import type { Column, Track } from './series';
import type { Zoom } from './view-state';

/** Stretches into which the visible part of a chart is cut: about one for each pixel of its width. */
export const STRETCHES = 500;

/**
 * A track of many positions with few: of each stretch of the visible part, every column keeps its lowest and its highest
 * number, so that no spike is lost; of what is out of sight, one position on either side. At most
 * 2 × stretches × columns + 4.
 * @param range what is visible; everything, where it is left out
 */
export function thin({ x, columns }: Track, range?: Zoom, stretches = STRETCHES): Track {
  const from = range ? firstAt(x, range.min) : 0;
  const to = range ? firstAt(x, range.max) : x.length;
  const most = 2 * stretches * columns.length;
  const before = Math.max(0, from - 1);
  const after = Math.min(x.length, to + 1);
  if (to - from <= most) {
    return before === 0 && after === x.length ? { x, columns } : pick({ x, columns }, indices(before, after));
  }
  const kept = new Set([before, from, to - 1, after - 1]);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const begin = from + Math.floor(((to - from) * stretch) / stretches);
    const end = from + Math.floor(((to - from) * (stretch + 1)) / stretches);
    for (const values of columns) for (const index of extremes(values, begin, end)) kept.add(index);
  }
  const sorted = [...kept].sort((a, b) => a - b);
  return pick({ x, columns }, sorted);
}

function pick({ x, columns }: Track, kept: readonly number[]): Track {
  return {
    x: kept.map((index) => x[index] ?? 0),
    columns: columns.map((values): Column => kept.map((index) => values[index] ?? null)),
  };
}

/** Indices of the lowest and the highest number in a part of a column, if there is one. */
function extremes(values: readonly (number | null)[], begin: number, end: number): number[] {
  let low = -1;
  let high = -1;
  for (let index = begin; index < end; index++) {
    const value = values[index];
    if (value == null) continue;
    if (low < 0 || value < (values[low] ?? 0)) low = index;
    if (high < 0 || value > (values[high] ?? 0)) high = index;
  }
  return low < 0 ? [] : [low, high];
}

/** Index of the first position that is not below a value. */
function firstAt(x: readonly number[], value: number): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const indices = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);
