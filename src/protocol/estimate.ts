/** A reckoned number, and between what it will probably lie. */
export interface Band {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A part of the strategy, reckoned for the whole run. */
export interface PhaseEstimate {
  readonly name: string;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly stepSeconds: number;
  /** Steps and validation. */
  readonly epochSeconds: number;
  /** The frozen layers, once for every picture; 0 where nothing is kept. */
  readonly prefixSeconds: number;
  /** With compiling. */
  readonly seconds: number;
}

/** What a run will take on this machine, from a few real steps. Kept beside the runs, so that a run can say how good it was. */
export interface RunEstimate {
  readonly version: 1;
  /** Names the settings that it is for: `TrainingPlan.settings`. */
  readonly settings: string;
  /** ISO 8601, UTC. */
  readonly measuredAt: string;
  readonly device: string;
  readonly batchSize: number;
  readonly epochs: number;
  /** Pictures, as listed: copies and broken files are not known yet. */
  readonly counts: { readonly train: number; readonly val: number; readonly test: number };
  /** Before the first phase: starting, pictures, weights. */
  readonly startSeconds: number;
  /** From the first phase to the last score, as `done` counts. */
  readonly seconds: Band;
  readonly phases: readonly PhaseEstimate[];
  /** Bytes of the run's process at its largest. */
  readonly memory: Band;
  /** Peaks that were measured, the smallest batch first; without the pictures that the probe did not load. */
  readonly measured: readonly { readonly batchSize: number; readonly bytes: number }[];
  /** Bytes that other programs left free, before the probe. */
  readonly availableBytes: number;
  readonly fits: boolean;
  /** The largest batch size that fits, reckoned from the measured ones; undefined where not even 2 does. */
  readonly largestBatchSize?: number;
  /** The batch size itself was not tried, because it would not fit or hardly: time and memory follow from smaller ones. */
  readonly extrapolated: boolean;
  /** Weights that are not on this computer yet. */
  readonly download?: { readonly repository: string; readonly bytes: number; readonly destination: string };
  /** What was assumed, in words. */
  readonly notes: readonly string[];
}

/** Decimal, as disks count: "1.1 GB", "45 MB", "800 kB". */
export function bytesText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)} GB`;
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(0)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}

/** How a run ended. */
export interface Outcome {
  readonly seconds: number;
  /** Bytes; undefined where they are not the run's alone. */
  readonly peakMemory?: number;
  /** It went through all its epochs. */
  readonly whole: boolean;
}

/** "Estimated 48 s and 1.1 GB; took 52 s and 1.0 GB." Of a run that ended early only the memory can be compared. */
export function estimateSentence(
  { seconds, memory, epochs }: Pick<RunEstimate, 'seconds' | 'memory' | 'epochs'>,
  { seconds: took, peakMemory, whole }: Outcome,
  duration: (seconds: number) => string,
): string {
  const all = whole ? '' : ` for ${epochs === 1 ? 'the whole epoch' : `all ${epochs} epochs`}`;
  const [reckoned, found] =
    peakMemory === undefined
      ? ['', '']
      : [` and ${bytesText(memory.value)}`, ` and ${bytesText(peakMemory)}`];
  return `Estimated ${duration(seconds.value)}${all}${reckoned}; took ${duration(took)}${found}${whole ? '' : ' until it ended early'}.`;
}

/** What the view "What would train" shows of time and memory. */
export type EstimateState =
  | { readonly kind: 'measuring' }
  | { readonly kind: 'known'; readonly estimate: RunEstimate }
  | { readonly kind: 'problem'; readonly message: string; readonly remedy: string };
