import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXPERIMENTS, fillLearnerFolder } from '../learner-folder';
import type { Theme } from '../page/themes';
import { uiSettings } from './context';
import { WindowSuite } from './window-suite';

const THEMES: readonly (readonly [string, Theme])[] = [
  ['dark', 'Default Dark Modern'],
  ['light', 'Default Light Modern'],
];

for (const [shade, theme] of THEMES) {
  suite(`a learner’s window, ${shade}`, () => {
    const ui = new WindowSuite({ theme, fill: (folder) => fillLearnerFolder(uiSettings().root, folder) });
    const picture = (name: string) => join(uiSettings().screenshots, `${name}-${shade}.png`);

    test('completes strategies and finds no error, without an install', async () => {
      await ui.window.openFile('experiment.ts');
      const line = EXPERIMENTS.split('\n').findIndex((text) => text.includes('strategies.feature')) + 1;
      await ui.window.goTo(line, '  strategy: strategies.'.length + 1);
      await ui.window.waitForSuggestion('gradualUnfreezing');
      await ui.window.screenshot(picture('completion'));
      await ui.window.page.keyboard.press('Escape');
      await ui.window.page.locator('.squiggly-error').waitFor({ state: 'detached' });
    });

    test('shows its views in the activity bar', async () => {
      await ui.window.showContainer('Transfer Lab');
      await ui.window.page.locator('.pane-header', { hasText: 'Exercises' }).waitFor();
      await ui.window.page.locator('.pane-header', { hasText: 'Runs' }).waitFor();
    });

    test('fine-tunes from the CodeLens and tells the result at the line and in the Runs view', async () => {
      await ui.window.clickLens('Fine-tune', 'export const headOnly');
      await ui.window.page.locator('.pane-body', { hasText: 'headOnly' }).first().waitFor();
      await ui.window.waitForInlineText(/accuracy|%/);
      await ui.window.screenshot(picture('run'));
    });

    test('shows a pasted picture to the network of the run, from the metrics view', async () => {
      const metrics = await ui.window.metrics();
      await metrics.getByRole('button', { name: 'Try a picture' }).click();
      const view = await ui.window.tryPicture();
      await view.getByRole('button', { name: 'Choose a picture…' }).waitFor();
      const bytes = await readFile(join(uiSettings().root, 'media/data/emoji-10/test/crab/003.png'));
      await view.evaluate(
        (content) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([Uint8Array.from(content)], 'mine.png', { type: 'image/png' }));
          document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }));
        },
        [...bytes],
      );
      await view.getByRole('status').filter({ hasText: 'mine.png' }).filter({ hasText: '%' }).waitFor();
      await view.locator('.answers tbody tr').nth(4).waitFor();
      await ui.window.screenshot(picture('try-picture'));
    });

    test('finds its commands in the palette', async () => {
      await ui.window.search('F1', '>Transfer Lab: ', 'Fine-tune current model');
      await ui.window.screenshot(picture('palette'));
      await ui.window.page.keyboard.press('Escape');
    });
  });
}
