import Mocha from 'mocha';
import { SUITE_BEGINS } from '../harness/suite-begins';
import { SUITES } from './suites';
import type { WindowName } from './windows';

export interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
}

/** Mocha in the extension host, with the tests of the window that it runs in. */
export async function runSuite(): Promise<SuiteResult> {
  const mocha = new Mocha({ ui: 'tdd', timeout: 240_000, slow: 30_000, color: false, reporter: 'spec' });
  const wanted = process.env['TRANSFER_LAB_GREP'];
  if (wanted) mocha.grep(wanted);
  mocha.suite.emit('pre-require', globalThis as unknown as Mocha.MochaGlobals, '', mocha);
  const window = process.env['TRANSFER_LAB_WINDOW'] as WindowName | undefined;
  await SUITES[window ?? 'learner']();
  console.log(SUITE_BEGINS);
  return new Promise((resolve) => {
    const runner = mocha.run((failed) => resolve({ passed: runner.stats?.passes ?? 0, failed }));
  });
}
