import { stdout } from 'node:process';
import { LearnerError } from '../../protocol/errors';
import { initialRateTest, reduceRateTest, type RatePoint, type RateTest } from '../../protocol/rate-test';
import { followRun, startRateTest, stopRun } from '../runs';
import { vanished } from './follow';
import { launcher, type Answer, type CommonOptions } from './run-commands';
import { findTarget } from './target';
import { say, table, tellProblem } from './terminal';

const TITLES = { valley: 'valley', steepest: 'steepest descent', tenthOfMinimum: 'a tenth of the lowest' };
const END = {
  highestRate: 'The highest rate was reached.',
  diverged: 'The loss reached four times its best: rates above are too high.',
  notFinite: 'The loss or a gradient was no number any more: rates from here on are too high.',
  stopped: 'Stopped before the end.',
};

/** A learning-rate range test in a process of its own; what it suggests is printed, the code is left as it is. */
export async function rateCommand(path: string, options: CommonOptions): Promise<Answer> {
  const target = await findTarget(path, options.experiment);
  const { directory } = await startRateTest(target, launcher(options));
  const quiet = options.json === true;
  const test = await follow(directory, target.experiment, quiet);
  const { plan, points, result } = test;
  const suggestions = result?.suggestions ?? [];
  if (!quiet && result) {
    say(sketch(points));
    say(`${END[result.end]} Steps: ${points.length} of ${plan?.steps ?? points.length}.`);
    const rows = suggestions.map(({ id, learningRate }) => [TITLES[id], String(learningRate)]);
    if (rows.length > 0) say(`\n${table(['suggestion', 'learningRate'], rows)}\n`);
    for (const { id, reason } of suggestions) say(`${TITLES[id]}: ${reason}`);
    if (result.note !== undefined) say(result.note);
    if (plan) say(`In the code now: learningRate ${plan.current} (${plan.strategy}).`);
  }
  return { directory, status: test.run.status, ...result, current: plan?.current, points: [...points] };
}

async function follow(directory: string, experiment: string, quiet: boolean): Promise<RateTest> {
  let test = initialRateTest(experiment);
  const stop = (): void => void stopRun(directory);
  process.once('SIGINT', stop);
  try {
    const follower = followRun(directory, {
      onRecords: (records) => {
        for (const { event, timeMs } of records) {
          test = reduceRateTest(test, event, timeMs);
          if (event.type === 'warning') tellProblem(event.problem);
        }
        const last = test.points.at(-1);
        if (quiet || !stdout.isTTY || !last) return;
        const rate = last.learningRate.toExponential(1);
        stdout.write(
          `\r${experiment}  step ${test.points.length}/${test.plan?.steps ?? ''}  rate ${rate}\x1b[K`,
        );
      },
    });
    const end = await follower.ended;
    if (!quiet && stdout.isTTY) stdout.write('\r\x1b[K');
    if (test.run.problem) throw new LearnerError(test.run.problem);
    if (end === 'interrupted') throw await vanished('test', directory, 'Start it again.');
    return test;
  } finally {
    process.off('SIGINT', stop);
  }
}

const BLOCKS = '▁▂▃▄▅▆▇█';

/** The smoothed loss as a line of blocks from the lowest rate to the highest; what diverges is cut at twice the start. */
function sketch(points: readonly RatePoint[]): string {
  const start = points[0]?.smoothedLoss ?? 0;
  const losses = points.map(({ smoothedLoss }) => Math.min(smoothedLoss, 2 * start));
  const [low, high] = [Math.min(...losses), Math.max(...losses)];
  const blocks = losses.map((loss) => BLOCKS[Math.round(((loss - low) / (high - low || 1)) * 7)] ?? '');
  const rate = (point: RatePoint | undefined): string => point?.learningRate.toExponential(0) ?? '';
  return `${rate(points[0])} ${blocks.join('')} ${rate(points.at(-1))}`;
}
