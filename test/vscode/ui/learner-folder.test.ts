import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXPERIMENTS, fillLearnerFolder } from '../learner-folder';
import type { Theme } from '../page/themes';
import { UiSession, uiSettings } from './context';
import type { Workbench } from './workbench';

const THEMES: readonly (readonly [string, Theme])[] = [
  ['dark', 'Default Dark Modern'],
  ['light', 'Default Light Modern'],
];

for (const [shade, theme] of THEMES) {
  suite(`a learner’s window, ${shade}`, () => {
    let session: UiSession;
    let workbench: Workbench;
    const picture = (name: string) => join(uiSettings().screenshots, `${name}-${shade}.png`);

    suiteSetup(async () => {
      session = await UiSession.start(theme, (folder) => fillLearnerFolder(uiSettings().root, folder));
      workbench = await session.window();
    });
    teardown(async function () {
      await session.keepEvidence(this.currentTest);
    });
    suiteTeardown(async () => session.end());

    test('completes strategies and finds no error, without an install', async () => {
      await workbench.openFile('experiment.ts');
      const line = EXPERIMENTS.split('\n').findIndex((text) => text.includes('strategies.feature')) + 1;
      await workbench.goTo(line, '  strategy: strategies.'.length + 1);
      await workbench.waitForSuggestion('gradualUnfreezing');
      await workbench.screenshot(picture('completion'));
      await workbench.page.keyboard.press('Escape');
      await workbench.page.locator('.squiggly-error').waitFor({ state: 'detached' });
    });

    test('shows its views in the activity bar', async () => {
      await workbench.showContainer('Transfer Lab');
      await workbench.page.locator('.pane-header', { hasText: 'Exercises' }).waitFor();
      await workbench.page.locator('.pane-header', { hasText: 'Runs' }).waitFor();
    });

    test('fine-tunes from the CodeLens and tells the result at the line and in the Runs view', async () => {
      await workbench.lens('Fine-tune').first().click();
      await workbench.page.locator('.pane-body', { hasText: 'headOnly' }).first().waitFor();
      await workbench.waitForInlineText(/accuracy|%/);
      await workbench.screenshot(picture('run'));
    });

    test('shows a pasted picture to the network of the run, from the metrics view', async () => {
      const metrics = await workbench.metrics();
      await metrics.getByRole('button', { name: 'Try a picture' }).click();
      const view = await workbench.tryPicture();
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
      await workbench.screenshot(picture('try-picture'));
    });

    test('finds its commands in the palette', async () => {
      await workbench.page.keyboard.press('F1');
      await workbench.quickInput.fill('>Transfer Lab: ');
      await workbench.page
        .locator('.quick-input-list .monaco-list-row', { hasText: 'Fine-tune current model' })
        .waitFor();
      await workbench.screenshot(picture('palette'));
      await workbench.page.keyboard.press('Escape');
    });
  });
}
