import Mocha from 'mocha';
import { setUiSettings, type UiSettings } from './context';

/** Mocha in plain Node, driving windows in a browser. */
export async function runUiSuite(settings: UiSettings): Promise<number> {
  setUiSettings(settings);
  const mocha = new Mocha({ ui: 'tdd', timeout: 180_000, slow: 60_000, color: false, reporter: 'spec' });
  const wanted = process.env['TRANSFER_LAB_GREP'];
  if (wanted) mocha.grep(wanted);
  mocha.suite.emit('pre-require', globalThis as unknown as Mocha.MochaGlobals, '', mocha);
  await import('./all');
  return new Promise((resolve) => {
    const runner = mocha.run((failed) => {
      console.log(`${runner.stats?.passes ?? 0} passed, ${failed} failed`);
      resolve(failed === 0 ? 0 : 1);
    });
  });
}
