import assert from 'node:assert/strict';
import type { RunEvent } from '../../../src/protocol/events';
import { initialRateTest, reduceRateTest, type RateTestView } from '../../../src/protocol/rate-test';
import { PageSuite } from './page-suite';

/** A curve like those of the exercises: it falls from about 1e-4 on and diverges above 1. */
const EVENTS: readonly RunEvent[] = [
  { type: 'runStarted', runId: 'test', pid: 1 },
  {
    type: 'rateTest',
    plan: {
      steps: 100,
      current: 5e-4,
      strategy: 'whole network',
      phase: 'whole network',
      trained: ['layer4', 'fc'],
    },
  },
  ...Array.from({ length: 93 }, (_, step): RunEvent => {
    const smoothedLoss = 2.3 - 1.4 / (1 + Math.exp(-(step - 55) / 6)) + Math.exp((step - 84) / 5);
    const loss = smoothedLoss + 0.3 * Math.sin(step * step);
    return { type: 'rateStep', point: { learningRate: 1e-7 * 1e8 ** (step / 100), loss, smoothedLoss } };
  }),
  {
    type: 'rateResult',
    result: {
      end: 'diverged',
      suggestions: [
        {
          id: 'valley',
          learningRate: 6.9e-4,
          index: 48,
          reason: 'It lies in the longest stretch in which the loss keeps falling.',
        },
        { id: 'steepest', learningRate: 2.5e-3, index: 55, reason: 'Here the loss falls fastest.' },
        {
          id: 'tenthOfMinimum',
          learningRate: 0.012,
          index: 72,
          reason: 'A tenth of the rate at the lowest loss.',
        },
      ],
    },
  },
  { type: 'done', reason: 'finished', steps: 93, bestEpoch: 0, seconds: 12 },
];
const viewOf = (events: readonly RunEvent[]): RateTestView => ({
  directory: '/x/.transfer-lab/rate-tests/1',
  experiment: 'wholeNetwork',
  test: events.reduce((test, event) => reduceRateTest(test, event), initialRateTest('test')),
});
const problem = {
  code: 'x',
  message: 'The folder data/<b>cats</b> is empty.',
  remedy: 'Put pictures into it.',
};
const STATES: Readonly<Record<string, RateTestView>> = {
  starting: viewOf([]),
  running: viewOf(EVENTS.slice(0, 40)),
  finished: viewOf(EVENTS),
  flat: viewOf([
    ...EVENTS.slice(0, 90),
    {
      type: 'rateResult',
      result: { end: 'highestRate', suggestions: [], note: 'The loss never fell clearly.' },
    },
    ...EVENTS.slice(-1),
  ]),
  failed: viewOf([{ type: 'failed', problem }]),
};

suite('the view of a learning-rate test on a page of its own', () => {
  const pages = new PageSuite({ view: 'learning-rate', width: 800 });
  const open = pages.open.bind(pages);

  pages.fits(() => STATES, {
    prefix: 'rate',
    widths: [320, 800, 1400],
    height: 1000,
    ready: (page) => page.getByRole('heading', { name: 'Learning rate of' }).waitFor(),
  });

  test('asks the editor to write the rate whose button was pressed', async () => {
    const { page } = await open('dark');
    await pages.view.send('show', STATES['finished']);
    await page.getByRole('button', { name: 'Use this rate: 0.0025' }).click();
    assert.deepEqual((await pages.view.said()).at(-1), { m: 'useRate', a: ['steepest'] });
  });

  test('reads the curve out by keyboard', async () => {
    const { page } = await open('dark');
    await pages.view.send('show', STATES['finished']);
    const slider = page.getByRole('slider');
    await slider.focus();
    await page.keyboard.press('Home');
    assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /^learning rate 1e-7: loss 2\.3/);
    await page.keyboard.press('ArrowRight');
    assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /^learning rate 1\.2e-7/);
  });
});
