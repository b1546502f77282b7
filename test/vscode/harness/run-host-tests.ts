import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'node:util';
import { launchBrowser, openPage } from './browser';
import type { HostWindow } from '../host/windows';
import { SUITE_BEGINS } from './suite-begins';
import type { Verdict } from './host-entry';
import { remotePath, startServer, workbenchAddress } from './server';

export interface HostRun {
  readonly home: string;
  /** Folder of the extension under development. */
  readonly extension: string;
  /** Module with `run()`. */
  readonly tests: string;
  /** Folder to open. */
  readonly folder: string;
  readonly window: HostWindow;
  readonly timeoutMs: number;
}

/** Opens a window, lets it run the suite in its extension host, and returns the verdict. */
export async function runInHost(options: HostRun): Promise<Verdict> {
  const temporary = await mkdtemp(join(tmpdir(), 'transfer-lab-verdict-'));
  const verdictFile = join(temporary, 'verdict.json');
  const server = await startServer({
    home: options.home,
    env: { TRANSFER_LAB_VERDICT: verdictFile, TRANSFER_LAB_WINDOW: options.window.name },
    settings: options.window.settings ?? {},
    trust: options.window.trust ?? true,
  });
  const browser = await launchBrowser();
  try {
    const page = await openPage(browser, { viewport: { width: 1280, height: 800 } });
    const ended = new Promise<string>((resolve) => {
      const timer = setTimeout(
        () => resolve(`no end after ${options.timeoutMs / 1000} s`),
        options.timeoutMs,
      );
      const end = (how: string) => {
        clearTimeout(timer);
        resolve(how);
      };
      void page.exposeFunction('codeAutomationExit', (code: number) => end(`exit code ${code}`));
      page.on('crash', () => end('the page crashed'));
      browser.on('disconnected', () => end('the browser was closed'));
    });
    let begun = false;
    await page.exposeFunction('codeAutomationLog', (type: string, values: unknown) => {
      const line = format(...(Array.isArray(values) ? (values as unknown[]) : [values]));
      if (line === SUITE_BEGINS) begun = true;
      else if (begun || process.env['TRANSFER_LAB_VERBOSE']) {
        console.log(type === 'info' || type === 'log' ? line : `[${type}] ${line}`);
      }
    });
    await page.goto(
      workbenchAddress(server, options.folder, [
        ['extensionDevelopmentPath', remotePath(server, options.extension)],
        ['extensionTestsPath', remotePath(server, options.tests)],
      ]),
      { timeout: options.timeoutMs },
    );
    const how = await ended;
    const verdict = await readVerdict(verdictFile);
    if (verdict) return verdict;
    return {
      passed: 0,
      failed: 1,
      notRun: 0,
      error: `the extension host ended without a verdict: ${how}\n${server.output().slice(-2000)}`,
    };
  } finally {
    await browser.close();
    await server.stop();
    await rm(temporary, { recursive: true, force: true });
  }
}

export async function readVerdict(file: string): Promise<Verdict | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Verdict;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
