import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { RUN_FILES, type ControlFile } from '../../../src/protocol/run-files';
import { launchBrowser, openPage } from '../harness/browser';
import { startServer, workbenchAddress, type Server } from '../harness/server';
import type { Theme } from '../page/themes';
import { hostInWords, windowInWords } from './evidence';
import { Workbench } from './workbench';

/** How the browser tests are called, from main.ts. */
export interface UiSettings {
  readonly home: string;
  readonly root: string;
  /** The packaged extension, as a user would install it. */
  readonly vsix: string | undefined;
  readonly screenshots: string;
}

let current: UiSettings | undefined;

export function setUiSettings(settings: UiSettings): void {
  current = settings;
}

export function uiSettings(): UiSettings {
  if (!current) throw new Error('The browser tests are started by test/vscode/main.ts.');
  return current;
}

/** One server, one folder, and as many windows as a test opens. */
export class UiSession {
  private constructor(
    readonly server: Server,
    private readonly browser: Browser,
    /** A temporary folder that is open in the windows. */
    readonly folder: string,
  ) {}

  static async start(theme: Theme, fill: (folder: string) => Promise<void>): Promise<UiSession> {
    const { home, vsix } = uiSettings();
    const folder = await mkdtemp(join(tmpdir(), 'transfer-lab-ui-'));
    await fill(folder);
    const server = await startServer({
      home,
      vsix: vsix === undefined ? [] : [vsix],
      settings: { 'workbench.colorTheme': theme },
    });
    return new UiSession(server, await launchBrowser(), folder);
  }

  async window(): Promise<Workbench> {
    const page = await openPage(this.browser, { viewport: { width: 1440, height: 900 } });
    await page.goto(workbenchAddress(this.server, this.folder));
    const workbench = new Workbench(page);
    await workbench.ready();
    return workbench;
  }

  /** Writes what the windows show and what is known of the runs into an error, and keeps pictures. */
  async explain(error: Error, test: string): Promise<void> {
    const name = test.replace(/[^a-z0-9]+/gi, '-').toLowerCase();
    const pages = this.browser.contexts().flatMap((context) => context.pages());
    const parts: string[] = [];
    for (const [index, page] of pages.entries()) {
      const picture = join(uiSettings().screenshots, `failed-${name}-${index}.png`);
      const kept = await new Workbench(page).screenshot(picture).then(() => picture, String);
      parts.push(`--- window ${index + 1} (${kept})`, await windowInWords(page));
    }
    parts.push('--- host', await hostInWords(this.folder, this.server.profile), '---');
    const { message } = error;
    error.message = [message, ...parts].join('\n');
    error.stack = error.stack?.replace(message, () => error.message) ?? error.message;
  }

  /** Runs outlive the window that started them; those of a test that failed would go on for hours. */
  private async endRuns(): Promise<void> {
    const files = await readdir(this.folder, { recursive: true });
    for (const name of files.filter((file) => basename(file) === RUN_FILES.control)) {
      const { pid } = JSON.parse(await readFile(join(this.folder, name), 'utf8')) as ControlFile;
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }

  async end(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    await this.endRuns();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
