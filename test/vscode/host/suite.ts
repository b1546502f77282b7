import Mocha from 'mocha';
import { SUITE_BEGINS } from '../harness/suite-begins';
import { LONGEST_TEST_MS, runTests, type SuiteResult } from '../steps';
import { SUITES } from './suites';
import type { WindowName } from './windows';

/** Mocha in the extension host, with the tests of the window that it runs in. */
export async function runSuite(): Promise<SuiteResult> {
  const mocha = new Mocha({
    ui: 'tdd',
    timeout: LONGEST_TEST_MS,
    slow: 30_000,
    color: false,
    reporter: 'spec',
  });
  const wanted = process.env['TRANSFER_LAB_GREP'];
  if (wanted) mocha.grep(wanted);
  mocha.suite.emit('pre-require', globalThis as unknown as Mocha.MochaGlobals, '', mocha);
  const window = process.env['TRANSFER_LAB_WINDOW'] as WindowName | undefined;
  await SUITES[window ?? 'learner']();
  console.log(SUITE_BEGINS);
  return runTests(mocha);
}
