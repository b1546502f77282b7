import { assertNever } from '../../protocol/assert-never';
import type { RateTest, RateTestEnd, SuggestionId } from '../../protocol/rate-test';
import { lossText, rateText } from '../shared/text';

export const SUGGESTION_TITLES: Readonly<Record<SuggestionId, string>> = {
  valley: 'Valley',
  steepest: 'Steepest descent',
  tenthOfMinimum: 'A tenth of the lowest',
};

/** What is going on, or what the curve says, in one or two sentences. */
export function statusSentence({ run, plan, points, result }: RateTest): string {
  switch (run.status) {
    case 'starting':
    case 'preparing':
      return 'Getting ready: the experiment, its data and its weights are loaded as for a run.';
    case 'training':
    case 'stopping':
      return `Step ${points.length} of at most ${plan?.steps ?? points.length}. The learning rate rises with every batch; the loss falls while steps help, and rises again when they become too large.`;
    case 'finished':
    case 'stopped':
      return result ? END_SENTENCES[result.end] : 'The test ended before its first step.';
    case 'failed':
      return 'The test ended with a problem. What happened and what to do stands below.';
    case 'interrupted':
      return 'The process of the test is gone. Nothing is lost: start it again.';
    default:
      return assertNever(run.status);
  }
}

const END_SENTENCES: Readonly<Record<RateTestEnd, string>> = {
  highestRate: 'The test reached its highest rate without diverging.',
  diverged:
    'The test ended when the smoothed loss was four times its best: from here on steps are too large.',
  notFinite:
    'The test ended where the loss or a gradient was no number any more: from here on steps are too large.',
  stopped: 'Stopped. What was measured so far stays.',
};

/** The curve for those who cannot see it. */
export function curveSummary({ points, result }: RateTest): string {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return 'No step has been made yet.';
  const lowest = points.reduce((best, point) => (point.smoothedLoss < best.smoothedLoss ? point : best));
  const found = (result?.suggestions ?? [])
    .map(({ id, learningRate }) => `${SUGGESTION_TITLES[id]} ${rateText(learningRate)}`)
    .join(', ');
  return (
    `Smoothed loss from ${lossText(first.smoothedLoss)} at a rate of ${rateText(first.learningRate)} ` +
    `to ${lossText(last.smoothedLoss)} at ${rateText(last.learningRate)}; ` +
    `lowest ${lossText(lowest.smoothedLoss)} at ${rateText(lowest.learningRate)}.` +
    (found === '' ? '' : ` Marked: ${found}.`)
  );
}

/** Values of the vertical axis: what diverges far above the start is cut off, or the fall would be flat. */
export function lossRange(points: RateTest['points']): [number, number] {
  const losses = points.map(({ smoothedLoss }) => smoothedLoss);
  if (losses.length === 0) return [0, 1];
  const [low, start] = [Math.min(...losses), losses[0] ?? 1];
  const usual = Math.max(...losses.slice(0, Math.max(10, Math.ceil(losses.length / 2))), start);
  const high = Math.min(Math.max(...losses), usual + (usual - low || 0.1 * usual || 1));
  const air = 0.06 * (high - low || 1);
  return [low - air, high + air];
}
