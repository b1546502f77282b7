import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { MetricsViewFunctions, RunHistory } from '../../../src/protocol/webview';
import { openPage } from '../harness/browser';
import { RECORDED, type Shade } from './themes';

const ADDRESS = 'http://view.test/';

export interface PageOptions {
  readonly width: number;
  readonly height?: number;
  /** Which of our views: its file's name. Default: metrics. */
  readonly view?: string;
  /** Classes of the body besides those of the theme, as VS Code sets them. */
  readonly classes?: string;
  /** State of an earlier life of the view. */
  readonly state?: unknown;
  /** A picture for every file that the view asks for. */
  readonly picture?: string;
}

/** One of our views as VS Code would show it, in a plain page: its real files, policy and colours; the editor is played. */
export class ViewPage {
  /** What the page complained of: violations of the policy, errors, requests that went elsewhere. */
  readonly complaints: string[] = [];

  private constructor(readonly page: Page) {}

  static async open(browser: Browser, root: string, shade: Shade, options: PageOptions): Promise<ViewPage> {
    const page = await openPage(browser, {
      viewport: { width: options.width, height: options.height ?? 900 },
    });
    const opened = new ViewPage(page);
    page.on('console', (message) => {
      if (message.type() === 'error') opened.complaints.push(message.text());
    });
    page.on('pageerror', (error) => opened.complaints.push(String(error)));
    await page.route('**/*', async (route) => {
      const url = route.request().url();
      if (!url.startsWith(ADDRESS)) {
        opened.complaints.push(`asked for ${url}`);
        return route.abort();
      }
      const name = url.slice(ADDRESS.length);
      if (name === '') return route.fulfill({ contentType: 'text/html', body: documentOf(shade, options) });
      return route.fulfill({
        contentType: name.endsWith('.css') ? 'text/css' : 'text/javascript',
        body: await readFile(join(root, 'dist/webviews', name)),
      });
    });
    await page.goto(ADDRESS);
    await page.locator(`tl-${options.view ?? 'metrics'}`).waitFor();
    return opened;
  }

  /** Calls a function of the view, as the editor does. */
  async call<K extends keyof MetricsViewFunctions>(
    name: K,
    ...values: Parameters<MetricsViewFunctions[K]>
  ): Promise<void> {
    await this.send(name, ...values);
  }

  /** The same for any of our views. */
  async send(name: string, ...values: readonly unknown[]): Promise<void> {
    await this.page.evaluate((message) => postMessage(message, '*'), { t: 'q', m: name, a: values });
  }

  async showRuns(runs: readonly RunHistory[]): Promise<void> {
    await this.call('history', runs, runs[0]?.run.runId ?? '', 0);
    await this.call(
      'candidates',
      runs.map(({ run, title }) => ({ runId: run.runId, title, shown: true })),
    );
    await this.page.locator('h1').waitFor();
  }

  /** What the view has said to the editor: function and values. */
  async said(): Promise<{ m: string; a: unknown[] }[]> {
    return this.page.evaluate(() => (window as unknown as { said: { m: string; a: unknown[] }[] }).said);
  }

  /** From now on a question for pictures is answered when `act` is over. */
  async answerAfter(act: () => Promise<void>): Promise<void> {
    await this.page.evaluate(() => Object.assign(window, { late: [] }));
    await act();
    await this.page.evaluate(() => {
      const page = window as unknown as { late?: (() => void)[] };
      const { late = [] } = page;
      delete page.late;
      for (const answer of late) answer();
    });
  }

  async state(): Promise<unknown> {
    return this.page.evaluate(() => (window as unknown as { state: unknown }).state);
  }
}

function documentOf(shade: Shade, { view = 'metrics', classes = '', state, picture }: PageOptions): string {
  const { variables, bodyClass } = RECORDED[shade] ?? { variables: {}, bodyClass: '' };
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Metrics</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-n'; style-src ${ADDRESS}; font-src ${ADDRESS}; img-src ${ADDRESS} data:">
<link rel="stylesheet" href="${view}.css"></head>
<body class="${bodyClass} ${classes}">
<script nonce="n">
  for (const [name, value] of ${JSON.stringify(Object.entries(variables))}) document.documentElement.style.setProperty(name, value);
  window.said = [];
  window.state = ${JSON.stringify(state ?? null) ?? 'null'};
  window.acquireVsCodeApi = () => ({
    getState: () => window.state ?? undefined,
    setState: (next) => { window.state = next; },
    postMessage: ({ t, i, m, a }) => {
      if (t !== 'q') return;
      window.said.push({ m, a });
      if (i === undefined || (m !== 'pictures' && m !== 'thumbnails')) return;
      const answer = () => postMessage({ t: 's', i, r: a.at(-1).map(() => ${JSON.stringify(picture)}) }, '*');
      if (window.late) window.late.push(answer);
      else answer();
    },
  });
</script>
<script nonce="n" src="${view}.js"></script></body></html>`;
}
