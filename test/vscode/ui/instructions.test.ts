import assert from 'node:assert/strict';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Frame, Locator } from 'playwright-core';
import type { InstructionsViewState } from '../../../src/protocol/instructions';
import { seriousViolations } from '../page/axe';
import { uiSettings } from './context';
import { insist } from './insist';
import { WindowSuite } from './window-suite';

/** What a README of a workspace could hold. Nothing of it may do anything. */
const HOSTILE = `
<script>document.title = 'owned'</script>
<img src=x onerror="document.title='owned'">

[script](javascript:document.title='owned') [page](data:text/html,<script>top.owned=1</script>)
[terminal](command:workbench.action.terminal.new) [out](../../secret.txt) ![pixel](https://example.org/pixel.png)

[Fine-tune another](experiment.ts#fine-tune=another)

\`\`\`ts
const copied = 1;
\`\`\`
`;

suite('the instructions of an exercise', () => {
  let view: Frame;
  const ui = new WindowSuite({
    theme: 'Default Dark Modern',
    prepare: async (window) => {
      view = await window.startExercise();
    },
  });
  const picture = (name: string) => join(uiSettings().screenshots, `${name}-dark.png`);
  const folder = (): string => join(ui.session.folder, 'exercise-01');
  const task = (number: number) => view.locator('.task').nth(number - 1);
  const toInstructions = async (): Promise<void> => {
    await ui.window.showTab('Instructions');
    view = await ui.window.instructions();
  };

  test('stand beside the code, with the state of each task under its heading', async () => {
    await view.locator('h1', { hasText: 'Fine-tune an image classifier' }).waitFor();
    assert.deepEqual(await view.locator('.badge').allInnerTexts(), Array(4).fill('Not checked yet'));
    await view.getByText('0 of 4 tasks done').waitFor();
    await ui.window.page.locator('.monaco-editor .view-lines').first().waitFor();
  });

  test('a link to a task puts the cursor at its TODO line', async () => {
    await view.getByRole('button', { name: 'Open experiment.ts at task 2' }).click();
    const lines = (await readFile(join(folder(), 'experiment.ts'), 'utf8')).split('\n');
    const line = lines.findIndex((text) => text.includes('TODO task 2')) + 1;
    await ui.window.statusItem(`Ln ${line}, Col 1`).waitFor();
    await ui.window.page.locator('.monaco-editor.focused').waitFor();
  });

  test('a hint appears under its task, one at a time, and no notification covers the page', async () => {
    await task(1).getByRole('button', { name: 'Show a hint' }).click();
    await task(1).locator('.hints li').waitFor();
    await task(1).getByRole('button', { name: 'Show the next hint (2 of 3)' }).click();
    await task(1).locator('.hints li').nth(1).waitFor();
    assert.match(await view.getByRole('status').innerText(), /^Hint 2 of 3: /);
    assert.equal(await ui.window.notification('hint').count(), 0);
    await ui.window
      .row(/Exercises/, 'Replace the head')
      .locator('.label-description', { hasText: '2/3' })
      .waitFor();
  });

  test('are accessible', async () => {
    assert.deepEqual(await seriousViolations(view), []);
    await ui.window.screenshot(picture('instructions'));
  });

  test('Check says at each task what it found', async () => {
    await task(1).getByRole('button', { name: 'Check this exercise' }).click();
    await view.locator('.badge', { hasText: 'Not attempted yet' }).nth(1).waitFor({ timeout: 0 });
    await task(2).locator('.findings').getByRole('link', { name: 'Go to the line' }).click();
    await ui.window.page.locator('.view-line', { hasText: 'TODO task 2' }).waitFor();
    await ui.window.screenshot(picture('instructions-checked'));
  });

  test('markup, scripts and foreign links in a README do nothing; what is written to it is shown at once', async () => {
    await appendFile(join(folder(), 'README.md'), HOSTILE);
    await view.getByText("<script>document.title = 'owned'</script>").waitFor();
    const found = await view.evaluate(() => ({
      title: document.title,
      scripts: document.querySelectorAll('main script, main [onerror], main iframe').length,
      pictures: document.querySelectorAll('main img').length,
      links: [...document.querySelectorAll('main a')].filter(({ textContent }) =>
        ['script', 'page', 'terminal', 'out'].includes(textContent?.trim() ?? ''),
      ).length,
    }));
    assert.deepEqual(found, { title: 'Instructions', scripts: 0, pictures: 0, links: 0 });
    await view.locator('.copy').click();
    await view.getByText('Copied', { exact: true }).waitFor();
    await view.getByRole('button', { name: 'Fine-tune another' }).click();
    await ui.window.notification('exports no experiment named another').waitFor();
  });

  test('a click on a link fine-tunes the experiment, and its curves appear beside the code', async () => {
    await view.getByRole('button', { name: 'Fine-tune wholeNetwork' }).click();
    const metrics = await ui.window.metrics();
    await metrics.locator('h1', { hasText: 'wholeNetwork' }).waitFor();
    await ui.window.waitForInlineText(/preparing|epoch \d+\/12/);
    const code = await ui.window.page.getByRole('tab', { name: 'experiment.ts' }).boundingBox();
    const beside = await ui.window.page.getByRole('tab', { name: 'Metrics' }).boundingBox();
    assert.ok(code && beside && code.x < beside.x, 'the code stays in sight');
    assert.equal(await ui.window.page.locator('.editor-group-container').count(), 2);
    await ui.window.clickLens('Stop', 'export const wholeNetwork');
  });

  test('are where they were after another tab was in front, and are there again after a reload of the window', async () => {
    await toInstructions();
    const heading = (): Locator => view.getByRole('heading', { name: 'What to look at' });
    await heading().scrollIntoViewIfNeeded();
    await view.waitForFunction(() => {
      const { viewState } = document.querySelector('tl-instructions') as unknown as {
        viewState: InstructionsViewState;
      };
      const above = document.getElementById(viewState.heading);
      return above && Math.abs(above.getBoundingClientRect().top + viewState.offset) < 2;
    });
    await ui.window.settled(); // It is on its way to VS Code.
    const fromEdge = (): Promise<number> =>
      heading().evaluate((element) => element.getBoundingClientRect().top);
    const place = await fromEdge();
    assert.ok((await view.evaluate(() => scrollY)) > 100);
    await ui.window.hide(view, 'Metrics');
    await toInstructions();
    await heading().waitFor();
    await insist(
      'the heading is where it was',
      async () => Math.abs((await fromEdge()) - place) < 4 || delay(100, false),
    );
    await ui.window.reload();
    // Which tab is in front after a reload, and what it remembers, is VS Code's: it saves both now and then.
    await toInstructions();
    await heading().waitFor();
    assert.equal(await task(1).locator('.hints li').count(), 2);
  });
});
