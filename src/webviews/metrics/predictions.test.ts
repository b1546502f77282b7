import { describe, expect, it } from 'vitest';
import { cellPredictions, moveCell, worstMistakes } from './predictions';

const item = (file: string, label: number, predicted: number, probability: number, loss: number) => ({
  file,
  label,
  predicted,
  probability,
  loss,
});
const items = [
  item('right', 0, 0, 0.9, 0.1),
  item('unsure', 0, 1, 0.4, 1),
  item('sure', 0, 1, 0.99, 4.6),
  item('beyond', 1, 2, 1, null as unknown as number), // JSON has no Infinity
  item('other', 2, 1, 0.7, 2),
];

it('the worst mistakes come by loss, one beyond all measure first, and no right answer among them', () => {
  expect(worstMistakes(items).map(({ file }) => file)).toEqual(['beyond', 'sure', 'other', 'unsure']);
});

it('a cell has its own pictures, the surest first', () => {
  expect(cellPredictions(items, { truth: 0, predicted: 1 }).map(({ file }) => file)).toEqual([
    'sure',
    'unsure',
  ]);
  expect(cellPredictions(items, { truth: 2, predicted: 2 })).toEqual([]);
});

describe('moveCell', () => {
  const from = { truth: 1, predicted: 1 };
  it.each([
    ['ArrowLeft', false, { truth: 1, predicted: 0 }],
    ['ArrowRight', false, { truth: 1, predicted: 2 }],
    ['ArrowUp', false, { truth: 0, predicted: 1 }],
    ['ArrowDown', false, { truth: 2, predicted: 1 }],
    ['Home', false, { truth: 1, predicted: 0 }],
    ['End', false, { truth: 1, predicted: 2 }],
    ['Home', true, { truth: 0, predicted: 0 }],
    ['End', true, { truth: 2, predicted: 2 }],
    ['a', false, undefined],
  ])('%s (Ctrl: %s) leads to %j', (key, ctrl, to) => {
    expect(moveCell(from, key, ctrl, 3)).toEqual(to);
  });
  it('stays inside', () => {
    expect(moveCell({ truth: 0, predicted: 0 }, 'ArrowUp', false, 3)).toEqual({ truth: 0, predicted: 0 });
    expect(moveCell({ truth: 2, predicted: 2 }, 'ArrowRight', false, 3)).toEqual({ truth: 2, predicted: 2 });
  });
});
