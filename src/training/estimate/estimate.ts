import { LearnerError } from '../../protocol/errors';
import type { Band, RunEstimate } from '../../protocol/estimate';
import type { Experiment } from '../experiment';
import { DOWNLOAD_ALLOWED } from '../weights/hub/allowed';
import { openCheckpoint } from '../weights/load';
import { findArchitecture } from '../models';
import {
  bytesAt,
  dataBytes,
  extrapolateSteps,
  firstBatchSize,
  largestBatchSize,
  memoryModel,
  phaseEstimate,
  runSeconds,
  USABLE,
  type PhaseTimes,
} from './arithmetic';
import type { ProbeResult } from './probe';

export interface EstimateParts {
  /** Tries one batch size in a process of its own, whose memory is its alone. */
  readonly probe: (batchSize: number) => Promise<ProbeResult>;
  /** Bytes that other programs leave free. */
  readonly availableBytes: number;
  readonly download?: RunEstimate['download'];
  readonly notes?: readonly string[];
  readonly now?: Date;
}

/**
 * Time and memory of a run from a few real steps. A quarter of the batch is tried first; the batch itself only where it will
 * fit, so that asking can fill no memory. Where it will not, both follow from two smaller sizes, and that is said.
 */
export async function estimateRun(
  { batchSize, epochs }: Pick<Experiment, 'batchSize' | 'epochs'>,
  { probe, availableBytes, download, notes = [], now = new Date() }: EstimateParts,
): Promise<RunEstimate> {
  const usable = USABLE * availableBytes;
  const tried: ProbeResult[] = [];
  const peak = (size: number): number => bytesAt(memoryModel(tried.map(peakOf)), size);
  const first = firstBatchSize(batchSize);
  tried.push(await probe(first));
  // One size alone may be all the batch's: then the whole batch takes four times as much, and a second size tells better.
  const middle = Math.min(batchSize, 2 * first);
  if (peak(batchSize) > usable && middle < batchSize && peak(middle) <= usable)
    tried.push(await probe(middle));
  // Nor does one size tell which one fits; two pictures are fewer than what was tried already.
  else if (peak(batchSize) > usable && first > 2) tried.unshift(await probe(2));
  if (first < batchSize && peak(batchSize) <= usable) tried.push(await probe(batchSize));
  const last = tried.at(-1);
  if (!last) throw new Error('Nothing was tried.');
  const { counts } = last;
  const phases = phasesAt(tried, batchSize);
  const more = dataBytes(phases, counts, last.pictureBytes);
  const extrapolated = last.batchSize !== batchSize;
  const model = memoryModel(tried.map(peakOf));
  const withData = { ...model, fixedBytes: model.fixedBytes + more };
  const bytes = bytesAt(withData, batchSize);
  const largest = largestBatchSize(withData, availableBytes, counts.train);
  return {
    version: 1,
    settings: last.settings,
    measuredAt: now.toISOString(),
    device: last.device,
    batchSize,
    epochs,
    counts,
    startSeconds: last.startSeconds,
    seconds: widened(runSeconds(phases, counts, batchSize), extrapolated ? 1.3 : 1),
    phases: phases.map((phase) => phaseEstimate(phase, counts, batchSize)),
    memory: around(bytes, extrapolated ? 0.3 : 0.15),
    measured: tried.map(peakOf),
    availableBytes,
    fits: bytes <= usable,
    ...(largest === undefined ? {} : { largestBatchSize: largest }),
    extrapolated,
    ...(download ? { download } : {}),
    notes: [...notes, ...(extrapolated ? [extrapolatedNote(tried, batchSize)] : [])],
  };
}

const peakOf = ({ batchSize, peakBytes }: ProbeResult): { batchSize: number; bytes: number } => ({
  batchSize,
  bytes: peakBytes,
});

function phasesAt(tried: readonly ProbeResult[], batchSize: number): readonly PhaseTimes[] {
  const last = tried.at(-1);
  const before = tried.at(-2) ?? last;
  if (!last || !before || last.batchSize === batchSize) return last?.phases ?? [];
  return last.phases.map((phase, index) =>
    extrapolateSteps(before.phases[index] ?? phase, phase, [before.batchSize, last.batchSize, batchSize]),
  );
}

function extrapolatedNote(tried: readonly ProbeResult[], batchSize: number): string {
  const sizes = tried.map((probe) => probe.batchSize).join(' and ');
  return `Batches of ${batchSize} were not tried, because they would hardly fit into the free memory: time and memory are reckoned from batches of ${sizes}.`;
}

const around = (value: number, share: number): Band => ({
  value,
  low: value * (1 - share),
  high: value * (1 + share),
});

const widened = ({ value, low, high }: Band, factor: number): Band => ({
  value,
  low: low / factor,
  high: high * factor,
});

/** Asks how large weights are that are not here; fetches nothing else. */
export async function downloadOf(
  { model }: Experiment,
  directory: string,
): Promise<{ download?: NonNullable<RunEstimate['download']>; notes: readonly string[] }> {
  if (model.weights === null) return { notes: [] };
  try {
    const env = { ...process.env, [DOWNLOAD_ALLOWED]: '0' };
    await openCheckpoint(model.weights, findArchitecture(model.architecture), directory, { env });
    return { notes: [] };
  } catch (error) {
    if (!(error instanceof LearnerError)) throw error;
    const { download, message, code } = error.problem;
    const random = 'The probe used random weights, which cost the same.';
    if (download) return { download, notes: [random] };
    if (!code.startsWith('hub-')) throw error;
    return { notes: [`How much would be downloaded is not known: ${message} ${random}`] };
  }
}
