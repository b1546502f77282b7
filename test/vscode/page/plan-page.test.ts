import assert from 'node:assert/strict';
import type { EstimateState, RunEstimate } from '../../../src/protocol/estimate';
import type { FreezeMap, PlanContent, TrainingPlan } from '../../../src/protocol/freeze-map';
import { PageSuite } from './page-suite';

const mapOf = (name: string, firstEpoch: number, trains: number): FreezeMap => ({
  epoch: firstEpoch,
  phase: { name, firstEpoch, epochs: 6 },
  schedule: 'cosine',
  rows: ['stem', 'layer1', 'layer2', 'layer3', 'layer4', 'fc'].map((group, index) => ({
    name: group,
    parameters: 4000 * 4 ** index,
    trainable: index >= trains,
    ...(index >= trains ? { learningRate: 5e-4 } : {}),
    buffers: 100,
    batchNorm: { mode: index >= trains ? 'train' : 'eval', affine: index >= trains },
    cached: index < trains,
    cost: { forward: index < trains ? 0 : 1e6, backward: index < trains ? 0 : 2e6 },
  })),
  parameters: 5_460_000,
  trainedParameters: trains === 0 ? 5_460_000 : 4_096_000,
  cost: { forward: 1e6 * (6 - trains), backward: 2e6 * (6 - trains) },
  wholeCost: { forward: 6e6, backward: 12e6 },
  prefixCost: 1e6 * trains,
});
const PLAN: TrainingPlan = {
  experiment: 'wholeNetwork',
  settings: 's',
  batchSize: 16,
  strategy: 'head first, then all',
  model: 'resnet18, width 32',
  items: 'pictures of 64 x 64 pixels',
  epochs: 12,
  maps: [mapOf('head only', 1, 5), mapOf('everything', 7, 0)],
  assumptions: [],
};
const ESTIMATE: RunEstimate = {
  version: 1,
  settings: 's',
  measuredAt: '2026-11-24T10:00:00.000Z',
  device: 'ONNX Runtime 1.30.0, 2 threads',
  batchSize: 16,
  epochs: 12,
  counts: { train: 200, val: 100, test: 300 },
  startSeconds: 4.2,
  seconds: { value: 48, low: 41, high: 62 },
  phases: [
    {
      name: 'head only',
      epochs: 6,
      stepsPerEpoch: 13,
      stepSeconds: 0.0012,
      epochSeconds: 0.2,
      prefixSeconds: 5.1,
      seconds: 7,
    },
    {
      name: 'everything',
      epochs: 6,
      stepsPerEpoch: 13,
      stepSeconds: 0.412,
      epochSeconds: 6.4,
      prefixSeconds: 0,
      seconds: 41,
    },
  ],
  memory: { value: 1.1e9, low: 0.95e9, high: 1.25e9 },
  measured: [
    { batchSize: 4, bytes: 5e8 },
    { batchSize: 16, bytes: 8e8 },
  ],
  availableBytes: 5.2e9,
  fits: true,
  largestBatchSize: 150,
  extrapolated: false,
  notes: [],
};
const planned = (estimate?: EstimateState): PlanContent => ({
  kind: 'plan',
  plan: PLAN,
  file: '/home/learner/experiment.ts',
  saved: true,
  ...(estimate ? { estimate } : {}),
});
const CONTENTS: Readonly<Record<string, PlanContent>> = {
  reading: { kind: 'reading', experiment: 'wholeNetwork' },
  problem: {
    kind: 'problem',
    experiment: 'wholeNetwork',
    message: 'There is no layer "x".',
    remedy: 'Use one.',
  },
  unknown: planned(),
  measuring: planned({ kind: 'measuring' }),
  failed: planned({ kind: 'problem', message: 'A few steps ended without a result.', remedy: 'Try less.' }),
  known: planned({ kind: 'known', estimate: ESTIMATE }),
  tight: planned({
    kind: 'known',
    estimate: {
      ...ESTIMATE,
      fits: false,
      largestBatchSize: 6,
      extrapolated: true,
      download: { repository: 'timm/resnet18.tv_in1k', bytes: 46.8e6, destination: '/home/learner/.cache' },
      notes: ['Batches of 16 were not tried: time and memory are reckoned from batches of 4 and 8.'],
    },
  }),
};

suite('the view of what would train on a page of its own', () => {
  const pages = new PageSuite({ view: 'plan', width: 800 });
  const open = pages.open.bind(pages);

  pages.fits(() => CONTENTS, {
    prefix: 'plan',
    widths: [320, 800, 1400],
    height: 1100,
    ready: (page) => page.getByRole('heading', { level: 1 }).waitFor(),
  });

  test('measures when it is asked to, and says what was measured', async () => {
    const { page } = await open('dark');
    await pages.view.send('show', CONTENTS['unknown']);
    await page.getByRole('button', { name: 'Estimate time and memory' }).click();
    assert.deepEqual((await pages.view.said()).at(-1), { m: 'estimate', a: [] });
    await pages.view.send('show', CONTENTS['measuring']);
    await page.getByText('Making a few steps').waitFor();
    await pages.view.send('show', CONTENTS['known']);
    await page.getByText('about 48 s').waitFor();
    await page.getByText('about 1.1 GB').waitFor();
    await page.getByText('so would batches up to about 150').waitFor();
    await pages.view.send('show', CONTENTS['tight']);
    await page.getByText('The largest that fit are about 6').waitFor();
    await page.getByText('47 MB').waitFor();
  });
});
