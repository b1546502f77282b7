import type { Theme } from '../page/themes';
import { inSteps } from '../steps';
import { UiSession } from './context';
import type { Workbench } from './workbench';

export interface WindowSuiteOptions {
  readonly theme: Theme;
  /** Puts into the folder what a test finds there. */
  readonly fill?: (folder: string) => Promise<void>;
  /** What comes before the first test. */
  readonly prepare?: (window: Workbench) => Promise<void>;
}

/** A folder, a server and a window for the tests of a suite, which are steps: after the first that fails, the others are not run. */
export class WindowSuite {
  private started: { readonly session: UiSession; readonly window: Workbench } | undefined;

  /** Called in a suite: it sets up and takes down what the tests need, and says what the windows showed when one failed. */
  constructor({ theme, fill, prepare }: WindowSuiteOptions) {
    let session: UiSession | undefined;
    suiteSetup(async () => {
      session = await UiSession.start(theme, fill ?? (() => Promise.resolve()));
      try {
        const window = await session.window();
        this.started = { session, window };
        await prepare?.(window);
      } catch (error) {
        if (error instanceof Error) await session.explain(error, 'before the first test');
        throw error;
      }
    });
    inSteps();
    teardown(async function () {
      if (this.currentTest?.state === 'failed' && this.currentTest.err)
        await session?.explain(this.currentTest.err, this.currentTest.title);
    });
    suiteTeardown(async () => session?.end());
  }

  get session(): UiSession {
    return this.both.session;
  }

  /** The window that is open from the start. */
  get window(): Workbench {
    return this.both.window;
  }

  private get both() {
    if (!this.started) throw new Error('The window is there once the suite runs.');
    return this.started;
  }
}
