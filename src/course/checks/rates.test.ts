import { describe, expect, it } from 'vitest';
import type { ExperimentFacts } from '../../protocol/checking';
import { judgeRates } from './rates';

const GROUPS = ['stem', 'layer1', 'fc'];
const place = { file: '/e.ts', line: 3 };

function mistake(rates: Record<string, number>, weights: string | null = 'embedded'): string {
  const facts = {
    name: 'mine',
    layerGroups: GROUPS,
    phases: [{ name: 'all', epochs: 1, learningRates: rates }],
    strategy: { id: 'x', title: 'x', pretrained: true },
    model: { architecture: 'resnet18', weights, head: 'default' },
  } as unknown as ExperimentFacts;
  const outcome = judgeRates(facts, place);
  return outcome.status === 'wrong' ? outcome.mistake : outcome.status;
}

describe('judgeRates', () => {
  it.each([
    ['passed', { stem: 1e-4, layer1: 3e-4, fc: 3e-3 }],
    ['passed', { stem: 1e-4, layer1: 1e-4, fc: 3e-3 }],
    ['one-rate-for-all', { stem: 1e-3, layer1: 1e-3, fc: 1e-3 }],
    ['rates-upside-down', { stem: 3e-3, layer1: 3e-4, fc: 1e-4 }],
    ['rates-upside-down', { stem: 1e-4, layer1: 5e-3, fc: 3e-3 }],
    ['too-little-trains', { layer1: 1e-3, fc: 1e-3 }],
  ])('%s', (expected, rates) => {
    expect(mistake(rates as Record<string, number>)).toBe(expected);
  });

  it('asks for pretrained weights', () => {
    expect(mistake({ stem: 1e-4, layer1: 3e-4, fc: 3e-3 }, null)).toBe('from-scratch');
  });
});
