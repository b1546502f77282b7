import Mocha from 'mocha';
import { inWords, LONGEST_TEST_MS, runTests } from '../steps';
import { setUiSettings, type UiSettings } from './context';

/** Mocha in plain Node, driving windows in a browser. */
export async function runUiSuite(settings: UiSettings): Promise<number> {
  setUiSettings(settings);
  const mocha = new Mocha({
    ui: 'tdd',
    timeout: LONGEST_TEST_MS,
    slow: 60_000,
    color: false,
    reporter: 'spec',
  });
  const wanted = process.env['TRANSFER_LAB_GREP'];
  if (wanted) mocha.grep(wanted);
  mocha.suite.emit('pre-require', globalThis as unknown as Mocha.MochaGlobals, '', mocha);
  await import('./all');
  const result = await runTests(mocha);
  console.log(inWords(result));
  return result.failed === 0 ? 0 : 1;
}
