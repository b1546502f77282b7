import os from 'node:os';
import { bytesText, type Band, type RunEstimate } from '../../protocol/estimate';
import { downloadOf, estimateRun } from '../estimate/estimate';
import { keepEstimate } from '../estimate/kept';
import { probeRun } from '../estimate/probe';
import { withExperiment, type ExperimentOptions, type Found } from './experiment-at';
import { probeProcess } from './probe-process';
import type { Answer } from './run-commands';
import { duration, say } from './terminal';

export interface ProbeCommandOptions extends ExperimentOptions {
  readonly batchSize: string;
}

/** A few steps at one batch size, for `plan --estimate`. */
export async function probeCommand(path: string, options: ProbeCommandOptions): Promise<Answer> {
  const probe = await withExperiment(path, options, ({ experiment, directory }) =>
    probeRun(experiment, directory, { batchSize: Number(options.batchSize) }),
  );
  return { probe };
}

/** So that whoever waits knows that something goes on. */
const SIGN_OF_LIFE_MS = 5000;

/** Time, memory and download of a run, from a few steps in processes of their own; kept beside the runs. */
export async function estimateFound(found: Found, json: boolean): Promise<RunEstimate> {
  const { experiment, directory } = found;
  const sign = setInterval(() => json && say(JSON.stringify({ measuring: true })), SIGN_OF_LIFE_MS);
  try {
    const { download, notes } = await downloadOf(experiment, directory);
    const availableBytes = freeBytes();
    const estimate = await estimateRun(experiment, {
      probe: (batchSize) => {
        if (!json) say(`A few steps with batches of ${batchSize} …`);
        return probeProcess(found, batchSize);
      },
      availableBytes,
      notes: [...notes, ...busyNote(os.loadavg()[0] ?? 0, os.availableParallelism())],
      ...(download ? { download } : {}),
    });
    await keepEstimate(directory, estimate);
    return estimate;
  } finally {
    clearInterval(sign);
  }
}

/** What a new process could take, within the limits of a container. Node 20.13 and later know of those. */
function freeBytes(): number {
  const { availableMemory } = process as { availableMemory?: () => number };
  return availableMemory?.() ?? os.freemem();
}

/** @param load processes that want to work, on average of a minute; Windows does not tell */
export function busyNote(load: number, cores: number): string[] {
  if (load <= cores) return [];
  return [
    'Other programs keep this machine busy now. The run takes less time once they are done, and more if there are more of them: measure again when it is quiet.',
  ];
}

export function describeEstimate(estimate: RunEstimate): string {
  const { seconds, startSeconds, memory, availableBytes, batchSize, fits, largestBatchSize, download } =
    estimate;
  const time = (value: number): string => duration(value * 1000);
  const band = ({ value, low, high }: Band, text: (value: number) => string): string =>
    `about ${text(value)} (${text(low)} to ${text(high)})`;
  const largest =
    largestBatchSize === undefined
      ? 'Not even batches of 2 would fit: choose a smaller network, or a smaller imageSize.'
      : `The largest batch size that fits is about ${largestBatchSize}.`;
  return [
    `Time      ${band(seconds, time)}, after ${time(startSeconds)} to begin`,
    `Memory    ${band(memory, bytesText)}; ${bytesText(availableBytes)} are free`,
    ...(download ? [`Download  ${bytesText(download.bytes)} of ${download.repository}, once`] : []),
    ...(fits ? [] : [`Batches of ${batchSize} would not fit into the free memory. ${largest}`]),
    ...estimate.phases.map(
      ({ name, epochs, stepSeconds, epochSeconds, prefixSeconds }) =>
        `  ${name}: ${(stepSeconds * 1000).toFixed(1)} ms a step, ${epochSeconds.toFixed(1)} s an epoch, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}` +
        (prefixSeconds > 0 ? `; frozen layers once, ${prefixSeconds.toFixed(1)} s` : ''),
    ),
    ...estimate.notes,
  ].join('\n');
}
