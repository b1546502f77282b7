import type { MetricsViewState } from '../../protocol/webview';
import type { Cell } from './predictions';
import type { XAxis } from './series';

export interface Zoom {
  readonly min: number;
  readonly max: number;
}

/** How the learner has set the view: kept over hiding it and over a reload of the window. */
export interface ViewState extends MetricsViewState {
  /** 0 .. below 1 */
  readonly smoothing: number;
  readonly logScale: boolean;
  readonly showTables: boolean;
  readonly xAxis: XAxis;
  readonly split: 'val' | 'test';
  /** Keys of lines that are switched off. */
  readonly hiddenLines: readonly string[];
  readonly zoom?: Zoom | undefined;
  /** The cell of the confusion matrix whose pictures are shown. */
  readonly cell?: Cell | undefined;
  readonly scrollTop: number;
}

export const DEFAULT_STATE: ViewState = {
  version: 1,
  runIds: [],
  focusedRunId: '',
  smoothing: 0.8,
  logScale: false,
  showTables: false,
  xAxis: 'epoch',
  split: 'val',
  hiddenLines: [],
  scrollTop: 0,
};

/** State of an earlier life of this view; whatever is not as it should be takes its default. */
export function readState(saved: unknown, defaults: ViewState = DEFAULT_STATE): ViewState {
  if (typeof saved !== 'object' || saved === null) return defaults;
  const found = saved as Partial<Record<keyof ViewState, unknown>>;
  const { focusedRunId, smoothing, logScale, showTables, xAxis, split, scrollTop, zoom, cell } = found;
  const isSmoothing = isNumber(smoothing) && smoothing >= 0 && smoothing < 1;
  return {
    version: 1,
    runIds: strings(found.runIds) ?? defaults.runIds,
    focusedRunId: typeof focusedRunId === 'string' ? focusedRunId : defaults.focusedRunId,
    smoothing: isSmoothing ? smoothing : defaults.smoothing,
    logScale: typeof logScale === 'boolean' ? logScale : defaults.logScale,
    showTables: typeof showTables === 'boolean' ? showTables : defaults.showTables,
    xAxis: xAxis === 'step' || xAxis === 'seconds' || xAxis === 'epoch' ? xAxis : defaults.xAxis,
    split: split === 'val' || split === 'test' ? split : defaults.split,
    hiddenLines: strings(found.hiddenLines) ?? defaults.hiddenLines,
    scrollTop: isNumber(scrollTop) && scrollTop >= 0 ? scrollTop : defaults.scrollTop,
    ...(hasNumbers(zoom, 'min', 'max') && zoom.min < zoom.max ? { zoom } : {}),
    ...(hasNumbers(cell, 'truth', 'predicted') ? { cell } : {}),
  };
}

/**
 * The run whose details are shown after the editor sent its runs. The editor names the first of them; the learner's own
 * choice stays as long as the editor still names the same one.
 */
export function chooseFocus(state: ViewState, runIds: readonly string[], named: string): string {
  const same = state.runIds[0] === named;
  return same && runIds.includes(state.focusedRunId) ? state.focusedRunId : named;
}

function strings(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function hasNumbers<K extends string>(value: unknown, ...keys: K[]): value is Record<K, number> {
  if (typeof value !== 'object' || value === null) return false;
  return keys.every((key) => isNumber((value as Record<string, unknown>)[key]));
}
