import type { PreparationPhase } from '../protocol/events';
import { percent } from '../protocol/percent';
import { downloadProgress, progressOf } from '../protocol/progress';
import type { RunFile } from '../protocol/run-files';
import { isOver, type RunState, type RunStatus } from '../protocol/run-state';

type Translate = (message: string, ...values: (string | number)[]) => string;

/** English until the editor hands in its own: these texts are also made where there is no editor. */
let t: Translate = (message, ...values) =>
  message.replaceAll(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)] ?? ''));

export function translateLabels(translate: Translate): void {
  t = translate;
}

/** "wholeNetwork", or "wholeNetwork · from-scratch" in a comparison. */
export function runTitle(run: Pick<RunFile, 'experiment' | 'strategy'>): string {
  return run.strategy === undefined ? run.experiment : `${run.experiment} · ${run.strategy}`;
}

export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (seconds < 60) return t('{0} s', seconds);
  if (minutes < 60) return t('{0} min {1} s', minutes, seconds % 60);
  return t('{0} h {1} min', Math.floor(minutes / 60), minutes % 60);
}

/** Best validation accuracy so far, 0..1; of the best weights once the run is over. */
export function bestAccuracy(state: RunState): number | undefined {
  const best = state.epochPoints.reduce((top, point) => Math.max(top, point.valAccuracy), -1);
  return state.final?.accuracy ?? (best < 0 ? undefined : best);
}

export function statusText(status: RunStatus): string {
  const words: Record<RunStatus, string> = {
    starting: t('starting'),
    preparing: t('preparing'),
    training: t('training'),
    stopping: t('stopping'),
    finished: t('finished'),
    stopped: t('stopped'),
    failed: t('failed'),
    interrupted: t('interrupted'),
  };
  return words[status];
}

/** One line about a run, for the code line, the status bar and the screen reader. */
export function progressText(state: RunState): string {
  if (isOver(state)) {
    const best = bestAccuracy(state);
    if (state.status === 'failed') return t('failed: {0}', state.problem?.message ?? t('see the log'));
    const status = statusText(state.status);
    return best === undefined ? status : t('{0}, best accuracy {1}', status, percent(best));
  }
  const last = state.steps.at(-1);
  if (!last || state.status === 'preparing') {
    if (state.phase === undefined) return statusText(state.status);
    const { name, done, total } = state.phase;
    const part = total === undefined || total === 0 ? '' : ` ${done ?? 0}/${total}`;
    return t('{0}: {1}', statusText(state.status), downloadText(state) ?? `${phaseText(name)}${part}`);
  }
  const { epoch, epochs, remainingMs } = progressOf(state);
  const accuracy = state.epochPoints.at(-1)?.valAccuracy;
  return [
    ...(state.status === 'stopping' ? [statusText('stopping')] : []),
    t('epoch {0}/{1}', epoch, epochs),
    t('loss {0}', last.trainLoss.toFixed(3)),
    ...(accuracy === undefined ? [] : [t('accuracy {0}', percent(accuracy))]),
    ...(remainingMs === undefined ? [] : [t('{0} left', duration(remainingMs))]),
  ].join(', ');
}

/** "downloading the weights, 12.0 of 46.8 MB, 20 s left" */
function downloadText({ phase, lastEventMs }: RunState): string | undefined {
  const progress = downloadProgress(phase, lastEventMs);
  if (!phase || !progress) return undefined;
  const { doneMb, totalMb, remainingMs } = progress;
  return [
    phaseText(phase.name),
    t('{0} of {1} MB', doneMb, totalMb),
    ...(phase.waiting === undefined ? [] : [phase.waiting]),
    ...(remainingMs === undefined || phase.waiting !== undefined
      ? []
      : [t('{0} left', duration(remainingMs))]),
  ].join(', ');
}

function phaseText(phase: PreparationPhase): string {
  const words: Record<PreparationPhase, string> = {
    loadingExperiment: t('reading the experiment'),
    loadingData: t('loading the data'),
    loadingWeights: t('loading the weights'),
    downloadingWeights: t('downloading the weights'),
    compiling: t('compiling the step'),
    cachingFeatures: t('running the frozen layers once'),
  };
  return words[phase];
}
