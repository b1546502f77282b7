import assert from 'node:assert/strict';
import { appendFile, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import type { RunState } from '../../../src/protocol/run-state';
import { UiSession, uiSettings } from './context';
import type { Workbench } from './workbench';

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

suite('exercise 1 in the window', function () {
  this.timeout(600_000);
  let session: UiSession;
  let workbench: Workbench;
  let view: Frame;
  const picture = (name: string) => join(uiSettings().screenshots, `${name}-dark.png`);
  const file = async (): Promise<string> => {
    const [folder] = (await readdir(session.folder)).filter((name) => name.startsWith('exercise-01'));
    return join(session.folder, folder ?? '', 'experiment.ts');
  };
  /** A run takes as long as the machine needs: the test's own limit ends it. */
  const status = (words: string) => view.locator('.status', { hasText: words }).waitFor({ timeout: 0 });
  const statesOf = (frame: Frame): Promise<RunState[]> =>
    frame
      .locator('tl-metrics')
      .evaluate((element) =>
        (element as unknown as { runs: { state: RunState }[] }).runs.map(({ state }) => state),
      );
  const lens = (title: string, experiment: number) => workbench.lens(title).nth(experiment);

  suiteSetup(async () => {
    session = await UiSession.start('Default Dark Modern', () => Promise.resolve());
    workbench = await session.window();
  });
  teardown(async function () {
    await session.keepEvidence(this.currentTest);
  });
  suiteTeardown(async () => session.end());

  test('a click writes it and opens its code and its instructions side by side', async () => {
    await workbench.showContainer('Transfer Lab');
    await workbench.row(/Exercises/, 'Fine-tune an image classifier').click();
    const code = workbench.page.getByRole('tab', { name: 'experiment.ts' });
    const instructions = workbench.page.getByRole('tab', { name: 'Instructions' });
    await Promise.all([code.waitFor(), instructions.waitFor()]);
    const [left, right] = await Promise.all([code.boundingBox(), instructions.boundingBox()]);
    assert.ok(left && right && left.x + left.width <= right.x && Math.abs(left.y - right.y) < 5);
    await workbench.lens('Fine-tune').first().waitFor();
    await workbench.screenshot(picture('exercise-opened'));
  });

  test('the palette fine-tunes the experiment of the open file, and its curves appear beside the code', async () => {
    await workbench.page.getByRole('tab', { name: 'experiment.ts' }).click();
    await workbench.runCommand('Transfer Lab: Fine-tune current model');
    view = await workbench.metrics();
    await view.locator('h1', { hasText: 'wholeNetwork' }).waitFor();
    await workbench.lens('Stop').first().waitFor();
    await view.locator('.facts', { hasText: /Epoch\s*[4-9] of 12/ }).waitFor({ timeout: 0 });
    await workbench.waitForInlineText(/epoch \d+\/12/);
    assert.equal(await view.locator('.u-over').count(), 4, 'four charts are drawn');
    await workbench.page.setViewportSize({ width: 1800, height: 960 });
    await workbench.screenshot(picture('exercise-running'));
    await workbench.page.setViewportSize({ width: 1440, height: 900 });
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
    await workbench.screenshot(picture('metrics-mistakes'));
  });

  test('keeps how it was set while another tab is in front', async () => {
    await view.locator('vscode-checkbox', { hasText: 'Logarithmic loss' }).click();
    const before = await view.locator('#cell-heading').innerText();
    await workbench.page.getByRole('tab', { name: 'Instructions' }).click();
    await workbench.page.getByRole('tab', { name: 'Metrics' }).click();
    view = await workbench.metrics();
    assert.equal(await view.locator('#cell-heading').innerText(), before);
    const log = view.locator('vscode-checkbox', { hasText: 'Logarithmic loss' });
    assert.equal(await log.evaluate((box) => (box as unknown as { checked: boolean }).checked), true);
  });

  test('a reload of the window in the middle of a run picks it up without a gap, and Stop ends it', async () => {
    await appendFile(await file(), MORE);
    await workbench.page.getByRole('tab', { name: 'experiment.ts' }).click();
    await lens('Fine-tune', 2).click();
    await view.locator('h1', { hasText: 'long' }).waitFor();
    await view.locator('.chart .u-over').first().waitFor();
    const before = (await statesOf(view))[0]?.steps.at(-1)?.step ?? 0;
    await workbench.page.reload();
    await workbench.ready();
    view = await workbench.metrics();
    await view.locator('h1', { hasText: 'long' }).waitFor();
    await status('Training');
    await workbench.page.waitForTimeout(1500); // Deltas after the history count, too.
    await view.getByRole('button', { name: 'Stop' }).click();
    await status('Stopped');
    const steps = (await statesOf(view))[0]?.steps.map(({ step }) => step) ?? [];
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
    await workbench.screenshot(picture('metrics-two-runs'));
  });

  test('compares strategies from the CodeLens: one row of results for each', async () => {
    await workbench.page.getByRole('tab', { name: 'experiment.ts' }).click();
    await lens('Compare strategies', 1).click();
    await view.locator('h1', { hasText: 'small · ' }).waitFor();
    await view.locator('.comparison tbody tr').nth(3).waitFor();
    await view.locator('.comparison tbody', { hasText: /(%[\s\S]*){8}/ }).waitFor({ timeout: 0 }); // two accuracies for each of four
    await workbench.screenshot(picture('metrics-comparison'));
  });

  test('asks before it puts the starter files back, and keeps what was there', async () => {
    const starter = await readFile(
      join(uiSettings().root, 'exercises/01-fine-tune-an-image-classifier/starter/experiment.ts'),
      'utf8',
    );
    await workbench.runCommand('Transfer Lab: Reset exercise');
    const dialog = workbench.page.locator('.monaco-dialog-box');
    await dialog.getByText('A copy of your files is kept').waitFor();
    await workbench.screenshot(picture('reset-dialog'));
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    assert.notEqual(await readFile(await file(), 'utf8'), starter);
    await workbench.runCommand('Transfer Lab: Reset exercise');
    await dialog.getByRole('button', { name: 'Reset', exact: true }).click();
    await workbench.notification('Your attempt is kept').waitFor();
    assert.equal(await readFile(await file(), 'utf8'), starter);
  });
});
