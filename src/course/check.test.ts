import { describe, expect, it } from 'vitest';
import { LearnerError } from '../protocol/errors';
import { notAttempted, passed, runChecks, wrong, type Check, type CheckOutcome } from './check';

const check = (
  id: string,
  kind: Check<null>['kind'],
  outcome: CheckOutcome | (() => never),
  rest: Partial<Check<null>> = {},
): Check<null> => ({
  id,
  kind,
  title: id,
  run: () => (typeof outcome === 'function' ? outcome() : outcome),
  ...rest,
});

const statuses = async (checks: readonly Check<null>[], kinds?: Check<null>['kind'][]) =>
  Object.fromEntries(
    (await runChecks(checks, null, kinds ? { kinds } : {})).map(({ id, status }) => [id, status]),
  );

describe('runChecks', () => {
  it('runs code, then behaviour, then outcome, whatever their order in the list', async () => {
    const order: string[] = [];
    await runChecks(
      [check('c', 'outcome', passed()), check('b', 'behaviour', passed()), check('a', 'code', passed())],
      null,
      { onResult: ({ id }) => order.push(id) },
    );
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('spares the later checks of a task that failed, and no other task', async () => {
    const found = await statuses([
      check('first code', 'code', wrong('m', 'do this'), { task: '1' }),
      check('second code', 'code', passed(), { task: '2' }),
      check('first training', 'behaviour', passed(), { task: '1' }),
      check('second training', 'behaviour', passed(), { task: '2' }),
    ]);
    expect(found).toEqual({
      'first code': 'wrong',
      'second code': 'passed',
      'first training': 'notRun',
      'second training': 'passed',
    });
  });

  it('spares what trains after a type error, and everything after a file that cannot be read', async () => {
    const rest = [
      check('code', 'code', passed(), { task: '1' }),
      check('training', 'behaviour', passed(), { task: '1' }),
    ];
    const types = check('types', 'code', wrong('type-error', 'x'), { spares: 'training' });
    const loads = check('loads', 'code', wrong('syntax-error', 'x'), { spares: 'everything' });
    expect(await statuses([types, ...rest])).toMatchObject({ code: 'passed', training: 'notRun' });
    expect(await statuses([types, loads, ...rest])).toMatchObject({ code: 'notRun', training: 'notRun' });
  });

  it('tells what is not attempted from what is wrong, and leaves out kinds that were not asked for', async () => {
    const checks = [
      check('open', 'code', notAttempted('write it'), { task: '1' }),
      check('trains', 'outcome', passed(), { task: '2' }),
    ];
    expect(await statuses(checks, ['code'])).toEqual({ open: 'notAttempted' });
  });

  it("reports a learner's error as wrong, with its line and what to do first, and lets a bug of ours through", async () => {
    const location = { file: '/e.ts', line: 7 };
    const learners = check('a', 'code', () => {
      throw new LearnerError({
        code: 'experiment-threw',
        message: 'It stopped.',
        remedy: 'Correct it.',
        location,
      });
    });
    expect(await runChecks([learners], null)).toEqual([
      {
        id: 'a',
        kind: 'code',
        title: 'a',
        status: 'wrong',
        mistake: 'experiment-threw',
        message: 'Correct it. It stopped.',
        location,
      },
    ]);
    const ours = check('b', 'code', () => {
      throw new TypeError('a bug');
    });
    await expect(runChecks([ours], null)).rejects.toThrow('a bug');
  });

  it('says nothing about the work where its weights are not on this computer: the caller hears why', async () => {
    const needs = check('a', 'outcome', () => {
      throw new LearnerError({ code: 'download-needed', message: 'Not here yet.', remedy: 'Download them.' });
    });
    await expect(runChecks([needs], null)).rejects.toThrow('Not here yet.');
  });
});
