/** Ends a test that hangs. Nothing that works takes so long, on any machine. */
export const LONGEST_TEST_MS = 30 * 60_000;

/** Tests that were not run because one failed that they build on. */
const leftOut = new WeakSet<Mocha.Runnable>();

/** Called in a suite whose tests build on each other: after the first that fails, the others are not run. */
export function inSteps(): void {
  let broken = false;
  setup(function () {
    if (!broken || !this.currentTest) return;
    leftOut.add(this.currentTest);
    this.skip();
  });
  teardown(function () {
    broken ||= this.currentTest?.state === 'failed';
  });
}

export interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
  /** Neither passed nor failed: what they build on has failed, or what prepares them. */
  readonly notRun: number;
}

/** Runs the tests of a mocha to their end. */
export async function runTests(mocha: Mocha): Promise<SuiteResult> {
  return new Promise((resolve) => {
    let over = 0;
    const runner = mocha.run((failed) =>
      resolve({ passed: runner.stats?.passes ?? 0, failed, notRun: runner.total - over }),
    );
    runner.on('pass', () => over++);
    runner.on('fail', ({ type }) => type === 'test' && over++);
    runner.on('pending', (test) => !leftOut.has(test) && over++);
  });
}

/** The line that the counts are read from. */
export function inWords({ passed, failed, notRun }: SuiteResult): string {
  const rest = notRun === 0 ? '' : `, ${notRun} not run: what they build on failed`;
  return `${passed} passed, ${failed} failed${rest}`;
}
