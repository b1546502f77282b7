import Mocha from 'mocha';
import { SUITE_BEGINS } from '../harness/suite-begins';

export interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
}

/** Mocha in the extension host. The test files are part of this bundle: their `suite(…)` calls happen on `require`. */
export async function runSuite(): Promise<SuiteResult> {
  const mocha = new Mocha({ ui: 'tdd', timeout: 240_000, slow: 30_000, color: false, reporter: 'spec' });
  const wanted = process.env['TRANSFER_LAB_GREP'];
  if (wanted) mocha.grep(wanted);
  mocha.suite.emit('pre-require', globalThis as unknown as Mocha.MochaGlobals, '', mocha);
  await import('./all');
  console.log(SUITE_BEGINS);
  return new Promise((resolve) => {
    const runner = mocha.run((failed) => resolve({ passed: runner.stats?.passes ?? 0, failed }));
  });
}
