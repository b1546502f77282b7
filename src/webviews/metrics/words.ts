import { assertNever } from '../../protocol/assert-never';
import type { PreparationPhase } from '../../protocol/events';
import { downloadProgress, progressOf } from '../../protocol/progress';
import type { RunState, RunStatus } from '../../protocol/run-state';
import { durationText, lossText, percent, timeLeftText } from '../shared/text';

const PREPARATION: Readonly<Record<PreparationPhase, string>> = {
  loadingExperiment: 'Read your experiment',
  downloadingWeights: 'Download the pretrained weights',
  loadingData: 'Load the data',
  loadingWeights: 'Load the pretrained weights',
  compiling: 'Compile the training step',
  cachingFeatures: 'Run the frozen layers once over the data',
};

export interface PreparationStep {
  readonly phase: PreparationPhase;
  readonly words: string;
}

/** What stands before the first step, in order. A download is named only while there is one: most runs need none. */
export function preparationSteps(now: PreparationPhase | undefined): PreparationStep[] {
  return (Object.keys(PREPARATION) as PreparationPhase[])
    .filter((phase) => phase !== 'downloadingWeights' || phase === now)
    .map((phase) => ({ phase, words: PREPARATION[phase] }));
}

/** How far a phase is: "5 of 20", or "12.0 of 46.8 MB, about 20 s left" where it counts bytes; empty where it does not say. */
export function amountText({ phase, lastEventMs }: Pick<RunState, 'phase' | 'lastEventMs'>): string {
  const download = downloadProgress(phase, lastEventMs);
  if (!download) return phase?.total === undefined ? '' : `${phase.done ?? 0} of ${phase.total}`;
  const { doneMb, totalMb, remainingMs } = download;
  const left = remainingMs === undefined ? '' : `, about ${timeLeftText(remainingMs)} left`;
  return `${doneMb} of ${totalMb} MB${phase?.waiting === undefined ? left : `; ${phase.waiting}`}`;
}

/** One word for a badge. */
export const STATUS_WORDS: Readonly<Record<RunStatus, string>> = {
  starting: 'Starting',
  preparing: 'Preparing',
  training: 'Training',
  stopping: 'Stopping',
  finished: 'Finished',
  stopped: 'Stopped',
  failed: 'Failed',
  interrupted: 'Interrupted',
};

/** What is going on and what comes next, in one sentence. */
export function statusSentence(state: RunState): string {
  switch (state.status) {
    case 'starting':
      return 'The run is starting in a process of its own. Next it reads your experiment.';
    case 'preparing':
      return preparingSentence(state);
    case 'training':
      return trainingSentence(state);
    case 'stopping':
      return 'Stopping after this step. The best weights so far are kept.';
    case 'finished':
      return `All epochs are done${took(state)}. The weights of epoch ${state.bestEpoch ?? 0}, the best one, are saved.`;
    case 'stopped':
      if (state.steps.length === 0)
        return 'Stopped before the first step. Resume begins again; what was downloaded is kept.';
      return 'Stopped before the last epoch. The best weights so far are saved; Resume goes on from here.';
    case 'failed':
      return 'The run ended with a problem. What happened and what to do stands below.';
    case 'interrupted':
      return 'The process of this run is gone. Nothing is lost: Resume goes on from its last checkpoint.';
    default:
      return assertNever(state.status);
  }
}

function preparingSentence(state: RunState): string {
  const { phase } = state;
  const steps = preparationSteps(phase?.name);
  const index = steps.findIndex((step) => step.phase === phase?.name);
  const now = steps[index]?.words;
  if (now === undefined) return 'Getting ready to train.';
  const amount = amountText(state);
  const next = steps[index + 1]?.words ?? 'train';
  return `Now: ${lower(now)}${amount && ` (${amount})`}. Next: ${lower(next)}.`;
}

function trainingSentence(state: RunState): string {
  if (state.epochPoints.length > 0) return '';
  return `The first validation result comes at the end of epoch 1.`;
}

function took({ seconds }: RunState): string {
  return seconds === undefined ? '' : ` in ${durationText(seconds)}`;
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly note?: string;
}

/** The numbers under the title. */
export function headerFacts(state: RunState): Fact[] {
  const { epoch, epochs, remainingMs } = progressOf(state);
  const last = state.steps.at(-1);
  const point = state.epochPoints.at(-1);
  const best = state.epochPoints.find((one) => one.epoch === state.bestEpoch);
  const facts: Fact[] = [];
  if (epochs > 0) facts.push({ name: 'Epoch', value: `${epoch} of ${epochs}` });
  if (state.status === 'training' && remainingMs !== undefined) {
    facts.push({ name: 'Time left', value: `about ${timeLeftText(remainingMs)}` });
  } else if (state.seconds !== undefined) {
    facts.push({ name: 'Took', value: durationText(state.seconds) });
  }
  if (last) facts.push({ name: 'Training loss', value: lossText(last.trainLoss) });
  if (point) {
    facts.push({ name: 'Validation loss', value: lossText(point.valLoss) });
    facts.push({
      name: 'Validation accuracy',
      value: percent(point.valAccuracy),
      ...(best ? { note: `best ${percent(best.valAccuracy)}, epoch ${best.epoch}` } : {}),
    });
  }
  if (state.rows) {
    const { lengths, paddingShare } = state.rows;
    facts.push({ name: 'Padding', value: percent(paddingShare), note: 'of the tokens' });
    facts.push({ name: 'Graphs', value: String(lengths), note: 'one for each length of rows' });
  }
  if (state.final?.split === 'test') {
    facts.push({
      name: 'Test accuracy',
      value: percent(state.final.accuracy),
      note: `loss ${lossText(state.final.loss)}`,
    });
  }
  return facts;
}

/** What was said last about a run. */
export interface Heard {
  readonly runId: string;
  readonly status: RunStatus;
  readonly epoch: number;
}

export const heardOf = (state: RunState): Heard => ({
  runId: state.runId,
  status: state.status,
  epoch: state.epochPoints.at(-1)?.epoch ?? 0,
});

/**
 * What a screen reader should hear after a change, or undefined: the end of an epoch (the last one, where several came
 * at once) and every change of what the run is doing. Silent for a run that was not followed before.
 */
export function announcement(heard: Heard | undefined, state: RunState): string | undefined {
  const now = heardOf(state);
  if (heard?.runId !== now.runId) return undefined;
  const parts: string[] = [];
  if (heard.status !== now.status) parts.push(`${STATUS_WORDS[now.status]}.`);
  if (heard.epoch !== now.epoch && now.epoch > 0) parts.push(epochSentence(state));
  return parts.length === 0 ? undefined : parts.join(' ');
}

function epochSentence({ epochPoints, epochs }: RunState): string {
  const point = epochPoints.at(-1);
  if (!point) return '';
  return (
    `Epoch ${point.epoch} of ${epochs}: validation loss ${lossText(point.valLoss)}, ` +
    `accuracy ${percent(point.valAccuracy)}${point.best ? ', the best so far' : ''}.`
  );
}
