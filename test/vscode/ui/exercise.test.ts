import assert from 'node:assert/strict';
import { appendFile, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import type { RunState } from '../../../src/protocol/run-state';
import { uiSettings } from './context';
import { insist } from './insist';
import { WindowSuite } from './window-suite';

/** One that ends in seconds, and one that a test has to end. */
const MORE = `
export const small = experiment({
  data,
  model: resnet18({ weights: 'embedded' }),
  strategy: strategies.featureExtraction(),
  epochs: 1,
  batchSize: 16,
  seed: 1,
});

export const long = experiment({
  data,
  model: resnet18({ weights: 'embedded' }),
  strategy: strategies.wholeModel(),
  epochs: 500,
  batchSize: 16,
  seed: 1,
});
`;

suite('exercise 1 in the window', () => {
  const ui = new WindowSuite({ theme: 'Default Dark Modern' });
  let view: Frame;
  const picture = (name: string) => join(uiSettings().screenshots, `${name}-dark.png`);
  const file = async (): Promise<string> => {
    const [folder] = (await readdir(ui.session.folder)).filter((name) => name.startsWith('exercise-01'));
    return join(ui.session.folder, folder ?? '', 'experiment.ts');
  };
  /** A run takes as long as the machine needs: the test's own limit ends it. */
  const status = (words: string) => view.locator('.status', { hasText: words }).waitFor({ timeout: 0 });
  const statesOf = (frame: Frame): Promise<RunState[]> =>
    frame
      .locator('tl-metrics')
      .evaluate((element) =>
        (element as unknown as { runs: { state: RunState }[] }).runs.map(({ state }) => state),
      );
  const stepsOf = async (frame: Frame): Promise<number[]> =>
    (await statesOf(frame))[0]?.steps.map(({ step }) => step) ?? [];
  const clickLens = async (title: string, experiment: string): Promise<void> => {
    const code = `export const ${experiment} =`;
    const lines = (await readFile(await file(), 'utf8')).split('\n');
    await ui.window.showEditor('experiment.ts');
    await ui.window.goTo(lines.findIndex((line) => line.startsWith(code)) + 1, 1);
    await ui.window.clickLens(title, code);
  };

  test('a click writes it and opens its code and its instructions side by side', async () => {
    await ui.window.startExercise();
    const code = ui.window.page.getByRole('tab', { name: 'experiment.ts' });
    const instructions = ui.window.page.getByRole('tab', { name: 'Instructions' });
    await Promise.all([code.waitFor(), instructions.waitFor()]);
    const [left, right] = await Promise.all([code.boundingBox(), instructions.boundingBox()]);
    assert.ok(left && right && left.x + left.width <= right.x && Math.abs(left.y - right.y) < 5);
    await ui.window.lens('Fine-tune').first().waitFor();
    await ui.window.screenshot(picture('exercise-opened'));
  });

  test('the palette fine-tunes the experiment of the open file, and its curves appear beside the code', async () => {
    await ui.window.showEditor('experiment.ts');
    await ui.window.runCommand('Transfer Lab: Fine-tune current model');
    view = await ui.window.metrics();
    await view.locator('h1', { hasText: 'wholeNetwork' }).waitFor();
    await ui.window.lens('Stop').first().waitFor();
    await view.locator('.facts', { hasText: /Epoch\s*[4-9] of 12/ }).waitFor({ timeout: 0 });
    await ui.window.waitForInlineText(/epoch \d+\/12/);
    assert.equal(await view.locator('.u-over').count(), 4, 'four charts are drawn');
    await ui.window.page.setViewportSize({ width: 1800, height: 960 });
    await ui.window.screenshot(picture('exercise-running'));
    await ui.window.page.setViewportSize({ width: 1440, height: 900 });
    await status('Finished');
  });

  test('a cell of the confusion matrix opens its pictures, and the worst mistakes are pictures', async () => {
    const right = view.locator('.matrix .right:not(.none)').first();
    await right.click();
    const count = Number(await right.locator('.count').innerText());
    await view
      .locator('.cell-pictures img')
      .nth(count - 1)
      .waitFor();
    await view.getByRole('heading', { name: 'Worst mistakes' }).scrollIntoViewIfNeeded();
    const worst = view.locator('section.wide .pictures img').first();
    await worst.waitFor();
    assert.ok(
      await worst.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth > 0)),
    );
    await ui.window.screenshot(picture('metrics-mistakes'));
  });

  test('keeps how it was set while another tab is in front', async () => {
    await view.locator('vscode-checkbox', { hasText: 'Logarithmic loss' }).click();
    const before = await view.locator('#cell-heading').innerText();
    await ui.window.hide(view, 'Instructions');
    await ui.window.showTab('Metrics');
    view = await ui.window.metrics();
    assert.equal(await view.locator('#cell-heading').innerText(), before);
    const log = view.locator('vscode-checkbox', { hasText: 'Logarithmic loss' });
    assert.equal(await log.evaluate((box) => (box as unknown as { checked: boolean }).checked), true);
  });

  test('a reload of the window in the middle of a run picks it up without a gap, and Stop ends it', async () => {
    await appendFile(await file(), MORE);
    await clickLens('Fine-tune', 'long');
    await view.locator('h1', { hasText: 'long' }).waitFor();
    await view.locator('.chart .u-over').first().waitFor();
    const before = (await stepsOf(view)).length;
    await ui.window.reload();
    await ui.window.showTab('Metrics'); // Which tab is in front after a reload is VS Code's.
    view = await ui.window.metrics();
    await view.locator('h1', { hasText: 'long' }).waitFor();
    await status('Training');
    const history = (await stepsOf(view)).length;
    await insist('deltas follow the history', async () => (await stepsOf(view)).length > history);
    await view.getByRole('button', { name: 'Stop' }).click();
    await status('Stopped');
    const steps = await stepsOf(view);
    assert.deepEqual(
      steps,
      Array.from({ length: steps.length }, (_, index) => index + 1),
      'each step once, in order',
    );
    assert.ok(steps.length > before, 'steps of before and after the reload');
  });

  test('two runs of a file are drawn together, with a legend and a table of results', async () => {
    await view.locator('.candidates summary').click();
    await view.locator('vscode-checkbox', { hasText: 'wholeNetwork' }).click();
    await view.locator('.comparison tbody tr').nth(1).waitFor();
    const legend = await view.locator('.chart-accuracy .legend-name').allInnerTexts();
    assert.deepEqual(legend, [
      'long · training',
      'long · validation',
      'wholeNetwork · training',
      'wholeNetwork · validation',
    ]);
    await ui.window.screenshot(picture('metrics-two-runs'));
  });

  test('compares strategies from the CodeLens: one row of results for each', async () => {
    await clickLens('Compare strategies', 'small');
    await view.locator('h1', { hasText: 'small · ' }).waitFor();
    await view.locator('.comparison tbody tr').nth(3).waitFor();
    await view.locator('.comparison tbody', { hasText: /(%[\s\S]*){8}/ }).waitFor({ timeout: 0 }); // two accuracies for each of four
    await ui.window.screenshot(picture('metrics-comparison'));
  });

  test('asks before it puts the starter files back, and keeps what was there', async () => {
    const starter = await readFile(
      join(uiSettings().root, 'exercises/01-fine-tune-an-image-classifier/starter/experiment.ts'),
      'utf8',
    );
    await ui.window.runCommand('Transfer Lab: Reset exercise');
    const dialog = ui.window.page.locator('.monaco-dialog-box');
    await dialog.getByText('A copy of your files is kept').waitFor();
    await ui.window.screenshot(picture('reset-dialog'));
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    assert.notEqual(await readFile(await file(), 'utf8'), starter);
    await ui.window.runCommand('Transfer Lab: Reset exercise');
    await dialog.getByRole('button', { name: 'Reset', exact: true }).click();
    await ui.window.notification('Your attempt is kept').waitFor();
    assert.equal(await readFile(await file(), 'utf8'), starter);
  });
});
