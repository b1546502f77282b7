import { expect, it } from 'vitest';
import type { RunFile } from '../../protocol/run-files';
import { titlesOf } from './titles';

const run = (runId: string, createdAt: string, strategy?: string): RunFile => ({
  version: 1,
  runId,
  createdAt,
  file: '/x/experiment.ts',
  experiment: 'wholeNetwork',
  line: 3,
  ...(strategy === undefined ? {} : { strategy }),
  source: '',
  versions: { transferLab: '0.1.0', node: '20.20.0' },
});
const at = (time: string) => new Date(`2026-01-15T${time}`).toISOString();
const titles = (...runs: RunFile[]) => [...titlesOf(runs).values()];

it('a run that is the only one of its kind is called as its experiment and strategy', () => {
  expect(titles(run('a', at('09:00:00')), run('b', at('09:00:00'), 'from-scratch'))).toEqual([
    'wholeNetwork',
    'wholeNetwork · from-scratch',
  ]);
});

it('runs of the same experiment are told apart by the time, and by the day where it is another', () => {
  expect(titles(run('a', at('09:00:00')), run('b', at('09:10:30')))).toEqual([
    'wholeNetwork · 09:00:00',
    'wholeNetwork · 09:10:30',
  ]);
  const later = new Date('2026-01-16T08:00:00').toISOString();
  expect(titles(run('a', at('09:00:00')), run('b', later))).toEqual([
    'wholeNetwork · 2026-01-15 09:00:00',
    'wholeNetwork · 2026-01-16 08:00:00',
  ]);
});
