import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../protocol/events';
import { followMove, moveOf } from './moved-run';

const predictions = (file: string): JournalRecord => ({
  seq: 0,
  timeMs: 0,
  event: {
    type: 'predictions',
    epoch: 1,
    items: [{ file, label: 0, predicted: 1, probability: 0.9, loss: 2 }],
  },
});
const fileOf = ({ event }: JournalRecord): string | undefined =>
  event.type === 'predictions' ? event.items[0]?.file : undefined;

describe('a run whose folder was moved', () => {
  it.each([
    ['/home/ada/ex/experiment.ts', '/home/ada/ex/data/cat/1.png', '/srv/marks/ada/data/cat/1.png'],
    [
      'C:\\Users\\ada\\ex\\experiment.ts',
      'C:\\Users\\ada\\ex\\data\\cat\\1.png',
      '/srv/marks/ada/data/cat/1.png',
    ],
    // Beside the folder, not in it; and a folder whose name only begins alike.
    ['/home/ada/ex/experiment.ts', '/home/ada/pictures/1.png', '/home/ada/pictures/1.png'],
    ['/home/ada/ex/experiment.ts', '/home/ada/ex2/1.png', '/home/ada/ex2/1.png'],
  ])('of %s has the picture %s at %s', (before, file, now) => {
    const move = moveOf(before, '/srv/marks/ada/experiment.ts');
    expect(move && fileOf(followMove(predictions(file), move))).toBe(now);
  });

  it('that is where it was has nothing to follow', () => {
    expect(moveOf('/home/ada/ex/experiment.ts', '/home/ada/ex/experiment.ts')).toBeUndefined();
  });

  it('keeps events that name no file as they are', () => {
    const record: JournalRecord = { seq: 1, timeMs: 1, event: { type: 'log', text: '/home/ada/ex/a' } };
    expect(followMove(record, { from: '/home/ada/ex', to: '/srv' })).toBe(record);
  });
});
