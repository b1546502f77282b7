import { describe, expect, it } from 'vitest';
import type { LayerGroupInfo, RunEvent } from '../../protocol/events';
import { initialRunState, reduceRun, type RunState } from '../../protocol/run-state';
import { mapRows } from '../metrics/freeze-section';
import { batchNormWords, movedWords, operationsText, stateWords } from './freeze-map';

const group = (changes: Partial<LayerGroupInfo>): LayerGroupInfo => ({
  name: 'layer4',
  parameters: 100,
  trainable: true,
  ...changes,
});

describe('the words of a freeze map', () => {
  it.each([
    ['trained', {}],
    ['partly trained', { trainedParameters: 40 }],
    ['frozen', { trainable: false }],
    ['frozen', { trainable: false, cached: false }],
    ['frozen, output kept', { trainable: false, cached: true }],
  ])('say "%s" of %j', (words, changes) => {
    expect(stateWords(group(changes))).toBe(words);
  });

  it.each([
    ['none', { buffers: 0 }],
    ['–', {}],
    ['train: statistics move', { buffers: 8, batchNorm: { mode: 'train', affine: true } }],
    [
      'eval: statistics stay, scale and shift frozen',
      { buffers: 8, batchNorm: { mode: 'eval', affine: false } },
    ],
    [
      'eval: statistics stay, scale and shift train',
      { trainable: false, buffers: 8, batchNorm: { mode: 'eval', affine: true } },
    ],
  ] as const)('say "%s" of the BatchNorm of %j', (words, changes) => {
    expect(batchNormWords(group(changes))).toBe(words);
  });

  it('do not read little as nothing', () => {
    expect([0, 1e-6, 4.2e-4, 0.123, undefined].map((moved) => movedWords({ moved }))).toEqual([
      'not',
      '0.0001 %',
      '0.042 %',
      '12.3 %',
      '–',
    ]);
  });

  it('give operations with three digits', () => {
    expect([3.64e9, 8.4e7].map(operationsText)).toEqual(['3.64 GFLOPs', '84.0 MFLOPs']);
  });
});

describe('the rows of a run', () => {
  const started = [group({ name: 'stem', learningRate: 1e-4 }), group({ name: 'fc', learningRate: 1e-2 })];
  const events: RunEvent[] = [
    { type: 'phaseStart', name: 'all', epoch: 1, layerGroups: started, schedule: 'cosine' },
    {
      type: 'stepEnd',
      step: 1,
      epoch: 1,
      trainLoss: 1,
      trainAccuracy: 0,
      learningRate: 5e-3,
      gradientNorm: 1,
      stepMs: 1,
    },
    { type: 'layersMoved', epoch: 1, groups: [{ name: 'fc', relativeChange: 0.5 }] },
  ];
  const run = (): RunState => events.reduce((state, event) => reduceRun(state, event), initialRunState('r'));

  it('have each group’s rate of the last step, and how far it has come', () => {
    const rows = mapRows(run());
    expect(rows.map(({ learningRateNow }) => learningRateNow)).toEqual([5e-5, 5e-3]);
    expect(rows.map(({ moved }) => moved)).toEqual([undefined, 0.5]);
  });

  it('have no rate of the moment once the run is over', () => {
    const over = reduceRun(run(), { type: 'done', reason: 'finished', steps: 1, bestEpoch: 1, seconds: 1 });
    expect(mapRows(over).every(({ learningRateNow }) => learningRateNow === undefined)).toBe(true);
  });
});
