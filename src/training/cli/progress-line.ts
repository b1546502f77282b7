import { downloadProgress, progressOf } from '../../protocol/progress';
import type { RunState } from '../../protocol/run-state';
import type { PreparationPhase } from '../../protocol/events';
import { percent } from '../../protocol/percent';
import { duration, paint } from './terminal';

const PHASES: Readonly<Record<PreparationPhase, string>> = {
  loadingExperiment: 'loading the experiment',
  loadingData: 'loading the data',
  loadingWeights: 'loading the weights',
  downloadingWeights: 'downloading the weights',
  compiling: 'compiling the step',
  cachingFeatures: 'running the frozen layers once over the data',
};

/** `wholeNetwork ━━━━╌╌╌╌ 52 %  epoch 6/12  loss 0.412  val accuracy 81.2 %  8 s left` */
export function progressLine(name: string, state: RunState, columns = 100): string {
  const { fraction, epoch, epochs, remainingMs } = progressOf(state);
  const last = state.steps.at(-1);
  const phase =
    state.status === 'preparing' && state.phase
      ? `${PHASES[state.phase.name]} ${amountOf(state)}`.trimEnd()
      : undefined;
  if (!last) return cut(`${name}  ${phase ?? state.status}`, columns);
  const accuracy = state.epochPoints.at(-1)?.valAccuracy;
  const facts = [
    `epoch ${Math.min(epoch, epochs)}/${epochs}`,
    `loss ${last.trainLoss.toFixed(3)}`,
    ...(accuracy === undefined ? [] : [`val accuracy ${percent(accuracy)}`]),
    ...(state.status === 'stopping' ? ['stopping'] : []),
    ...(phase === undefined ? (remainingMs === undefined ? [] : [`${duration(remainingMs)} left`]) : [phase]),
  ].join('  ');
  const head = `${name} `;
  const tail = ` ${String(Math.round(fraction * 100)).padStart(3)} %  ${facts}`;
  const room = Math.min(24, columns - head.length - tail.length - 1);
  if (room < 4) return cut(head + tail.trimStart(), columns);
  const full = Math.round(room * fraction);
  return head + paint('cyan', '━'.repeat(full)) + paint('gray', '╌'.repeat(room - full)) + tail;
}

function amountOf({ phase, lastEventMs }: RunState): string {
  const download = downloadProgress(phase, lastEventMs);
  if (!download) return phase?.total ? `${phase.done ?? 0}/${phase.total}` : '';
  const { doneMb, totalMb, remainingMs } = download;
  const left = remainingMs === undefined ? '' : `  ${duration(remainingMs)} left`;
  return `${doneMb} of ${totalMb} MB${phase?.waiting === undefined ? left : `  ${phase.waiting}`}`;
}

const cut = (text: string, columns: number): string =>
  text.length < columns ? text : text.slice(0, columns - 1);
