import { describe, expect, it } from 'vitest';
import { phaseInHand, planPhases } from './planned-phases';

const planned = planPhases([
  { name: 'head', epochs: 2, learningRates: { fc: 1e-2 } },
  { name: 'last stage', epochs: 3, learningRates: { layer4: 1e-3, fc: 1e-2 } },
]);

describe('the phases of a run', () => {
  it('follow one another without a gap', () => {
    expect(planned.map(({ firstEpoch, endEpoch }) => [firstEpoch, endEpoch])).toEqual([
      [0, 2],
      [2, 5],
    ]);
  });

  it.each([
    [0, 'head', 'nothing has begun'],
    [2, 'head', 'the first phase has ended and the next one has not begun'],
    [3, 'last stage', 'the second phase is underway'],
    [5, 'last stage', 'all epochs are finished'],
  ])('after %i epochs the last one was "%s": %s', (epochs, name) => {
    expect(phaseInHand(planned, epochs).phase.name).toBe(name);
  });
});
