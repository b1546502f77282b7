import { readdir, readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { basename, join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { listRuns } from '../../../src/training/runs';

/** Characters of a webview's text, and of the end of a log. */
const MOST_OF_A_VIEW = 300;
const MOST_OF_A_LOG = 800;

/** What a window shows, in words: where tests run there is often nobody to look at a picture. */
export async function windowInWords(page: Page): Promise<string> {
  const seen = await page.evaluate(lookAtWorkbench).catch(String);
  if (typeof seen === 'string') return `the window does not answer: ${seen}`;
  const lines = Object.entries(seen).filter(([, values]) => values.length > 0);
  const views = await Promise.all(page.frames().slice(1).map(viewInWords));
  return [...lines.map(([name, values]) => `${name}: ${values.join(' | ')}`), ...views.filter(Boolean)].join(
    '\n',
  );
}

/** How busy the machine is, what runs there are, and the end of the logs of the extension and of its host. */
export async function hostInWords(folder: string, profile: string): Promise<string> {
  const inside = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const exercises = inside.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  const runs = await Promise.all([folder, ...exercises].map((one) => listRuns(one).catch(() => [])));
  const states = runs
    .flat()
    .map(({ run, state }) => `${run.experiment} ${state.status}, ${state.steps.length} steps`);
  const files = await readdir(profile, { recursive: true }).catch(() => []);
  const logs = files.filter((file) => /^(Transfer Lab|remoteexthost)\.log$/.test(basename(file)));
  const ends = logs.sort().map(async (file) => {
    const lines = (await readFile(join(profile, file), 'utf8')).split('\n');
    const text = lines
      .filter((line) => !line.includes('_doActivateExtension'))
      .join('\n')
      .trim();
    return text === '' ? '' : `${basename(file)}: … ${text.slice(-MOST_OF_A_LOG)}`;
  });
  return [
    `load: ${loadavg()
      .map((value) => value.toFixed(1))
      .join(' ')}`,
    `runs: ${states.join('; ') || 'none'}`,
    ...(await Promise.all(ends)).filter(Boolean),
  ].join('\n');
}

async function viewInWords(frame: Frame): Promise<string> {
  const text = await frame.evaluate(() => document.querySelector('main')?.innerText ?? '').catch(() => ''); // A frame that is just going away.
  return text && `view: ${text.replaceAll(/\s+/g, ' ').slice(0, MOST_OF_A_VIEW)}`;
}

/** In the page. */
function lookAtWorkbench(): Record<string, string[]> {
  const texts = (selector: string): string[] =>
    [...document.querySelectorAll<HTMLElement>(selector)]
      .filter((element) => element.checkVisibility())
      .map(({ innerText }) => innerText.replaceAll(/\s+/g, ' ').trim())
      .filter(Boolean);
  const input = document.querySelector<HTMLInputElement>('.quick-input-widget input.input');
  const focused = document.activeElement;
  return {
    tabs: [...document.querySelectorAll('.tabs-container .tab')].map(
      (tab) =>
        `${tab.getAttribute('aria-label')}${tab.getAttribute('aria-selected') === 'true' ? ' (in front)' : ''}`,
    ),
    notifications: texts('.notification-list-item-message'),
    dialog: texts('.monaco-dialog-box'),
    'quick input': input?.checkVisibility()
      ? [input.value, ...texts('.quick-input-list .monaco-list-row')].slice(0, 6)
      : [],
    focus: [`${focused?.tagName ?? 'nothing'} ${focused?.className ?? ''}`],
    'side bar': texts('.part.sidebar .monaco-list-row'),
    CodeLens: texts('.codelens-decoration'),
    'status bar': texts('.statusbar-item'),
  };
}
