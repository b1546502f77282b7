import { describe, expect, it } from 'vitest';
import type { ExperimentFacts } from '../../protocol/checking';
import { judgePlan } from './code';
import { lineOf, placeIn } from './places';

const GROUPS = ['stem', 'layer1', 'layer2', 'layer3', 'layer4', 'fc'];
const location = { file: '/e.ts', line: 3 };

function facts(rates: Record<string, number>, changes: Partial<ExperimentFacts> = {}): ExperimentFacts {
  return {
    name: 'mine',
    location,
    data: { path: 'data', form: 'pictures of 64', seed: 1 },
    model: { architecture: 'resnet18', weights: 'embedded', head: 'default' },
    strategy: { id: 'x', title: 'x', pretrained: true },
    layerGroups: GROUPS,
    phases: [{ name: 'all', epochs: 12, learningRates: rates }],
    epochs: 12,
    batchSize: 16,
    seed: 1,
    fingerprint: '',
    ...changes,
  };
}
const all = Object.fromEntries(GROUPS.map((name) => [name, 1e-3]));
const mistake = (of: ExperimentFacts, wanted: string[]): string => {
  const outcome = judgePlan(of, wanted, location);
  return outcome.status === 'wrong' ? outcome.mistake : outcome.status;
};

describe('judgePlan', () => {
  it.each([
    ['passed', facts({ fc: 1e-2 }), ['fc']],
    ['everything-trains', facts(all), ['fc']],
    ['head-not-trained', facts({ layer4: 1e-3 }), ['layer4', 'fc']],
    ['head-not-trained', facts({ fc: 0 }), ['fc']],
    ['too-much-trains', facts({ layer3: 1e-3, layer4: 1e-3, fc: 1e-3 }), ['layer4', 'fc']],
    ['too-little-trains', facts({ fc: 1e-3 }), ['layer4', 'fc']],
    ['from-scratch', facts({ fc: 1e-3 }, { strategy: { id: 'x', title: 'x', pretrained: false } }), ['fc']],
    [
      'from-scratch',
      facts({ fc: 1e-3 }, { model: { architecture: 'resnet18', weights: null, head: 'default' } }),
      ['fc'],
    ],
  ])('%s', (expected, plan, wanted) => {
    expect(mistake(plan, wanted)).toBe(expected);
  });

  it('counts a group that joins in a later phase', () => {
    const phases = [
      { name: 'head', epochs: 1, learningRates: { fc: 1e-3 } },
      { name: 'more', epochs: 1, learningRates: { layer4: 1e-3, fc: 1e-3 } },
    ];
    expect(mistake(facts({}, { phases }), ['layer4', 'fc'])).toBe('passed');
  });
});

describe('places', () => {
  const source = [
    'const x = 1;',
    '',
    'export const mine = f({',
    '  strategy: s,',
    '});',
    'export const other = 2;',
    '  strategy: t',
  ].join('\n');

  it('finds the first line from a line on', () => {
    expect([lineOf(source, /strategy/), lineOf(source, /strategy/, 5), lineOf(source, /nowhere/)]).toEqual([
      4,
      7,
      undefined,
    ]);
  });

  it('looks inside one experiment only, and falls back to its name', () => {
    expect(placeIn(source, facts({}), /\bstrategy\b/).line).toBe(4);
    expect(placeIn(source, facts({}, { location: { file: '/e.ts', line: 6 } }), /other thing/).line).toBe(6);
  });
});
